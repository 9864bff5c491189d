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

/** A token bucket, as ARM and the AKS resource provider count requests. */
export class TokenBucket {
  private readonly size: number;
  private readonly refillPerSecond: number;
  private readonly now: () => number;
  private tokens: number;
  private at: number;

  constructor(size: number, refillPerSecond: number, now: () => number = Date.now) {
    this.size = size;
    this.refillPerSecond = refillPerSecond;
    this.now = now;
    this.tokens = size;
    this.at = now();
  }

  /** @returns 0 when a request may pass, else the seconds to wait */
  take(): number {
    const now = this.now();
    this.tokens = Math.min(this.size, this.tokens + ((now - this.at) / 1000) * this.refillPerSecond);
    this.at = now;
    if (this.tokens < 1) return Math.max(1, Math.ceil((1 - this.tokens) / this.refillPerSecond));
    this.tokens -= 1;
    return 0;
  }

  get left(): number {
    return Math.floor(this.tokens);
  }
}
