// Virtual time: what is due happens in order of its moment, one thing at a time, each to its end.

export interface Timeline {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  at(moment: number, happen: () => unknown): void;
  /** Does what is due up to a moment, which it then is. */
  runUntil(end: number, stop: () => boolean): Promise<void>;
  /** Lets time pass in which nothing happens: what was due meanwhile is late. */
  skip(milliseconds: number): void;
}

interface Due {
  readonly moment: number;
  readonly order: number;
  readonly happen: () => unknown;
}

const before = (a: Due, b: Due): boolean => a.moment < b.moment || (a.moment === b.moment && a.order < b.order);

export function createTimeline(start: number): Timeline {
  const heap: Due[] = [];
  let now = start;
  let order = 0;
  return {
    now: () => now,
    at: (moment, happen) => push(heap, { moment: Math.max(now, Math.ceil(moment)), order: order++, happen }),
    skip(milliseconds) {
      now += milliseconds;
    },
    async runUntil(end, stop) {
      while (heap[0] && heap[0].moment <= end && !stop()) {
        const due = pop(heap);
        now = Math.max(now, due.moment);
        await due.happen();
        // Everything that follows without another port call follows before the next thing happens.
        await new Promise(setImmediate);
      }
      now = Math.max(now, end);
    },
  };
}

function push(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const parent = (at - 1) >>> 1;
    if (!before(due, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = due;
}

function pop(heap: Due[]): Due {
  const top = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return top;
}
