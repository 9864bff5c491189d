// A meter with room for whatever a test reads.
import type { Meter } from '../../../shared/estate/kubernetes/meter.ts';
import { createMeter } from '../../../shared/estate/kubernetes/meter.ts';
import { defaultReaderLimits } from '../../../shared/estate/kubernetes/reader.ts';
import { createRoom } from '../../../shared/estate/room.ts';

export const newMeter = (): Meter =>
  createMeter(defaultReaderLimits.bounds, createRoom(defaultReaderLimits.room).enter());
