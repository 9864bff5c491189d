// What the simulated Azure can be told to do wrong: throttle, fail, hang, talk nonsense.
import { z } from 'zod';

export const faultSchema = z.object({
  /** Part of the path that the fault applies to, in any case; empty means every request. */
  path: z.string().default(''),
  kind: z.enum(['status', 'hang', 'garbage', 'truncated', 'wrong-shape', 'reset', 'slow']),
  status: z.number().int().min(400).max(599).default(503),
  /** Seconds for `Retry-After`; left out, the header is not sent. */
  retryAfter: z.number().nonnegative().optional(),
  delayMs: z.number().int().min(0).max(60_000).default(1_000),
  /** How many requests it applies to. */
  times: z.number().int().min(1).default(1),
});
export type Fault = z.output<typeof faultSchema>;

export interface Faults {
  add(fault: z.input<typeof faultSchema>): void;
  clear(): void;
  /** The fault for a path, counted down. */
  take(path: string): Fault | undefined;
  /** Throttle as Azure does, or not at all. */
  throttle: boolean;
}

export function createFaults(): Faults {
  let list: { fault: Fault; left: number }[] = [];
  return {
    throttle: true,
    add(input) {
      const fault = faultSchema.parse(input);
      list.push({ fault, left: fault.times });
    },
    clear() {
      list = [];
    },
    take(path) {
      const entry = list.find(({ fault }) => path.toLowerCase().includes(fault.path.toLowerCase()));
      if (!entry) return undefined;
      entry.left--;
      if (entry.left === 0) list = list.filter((other) => other !== entry);
      return entry.fault;
    },
  };
}
