// What a benchmark gives: rows of figures, printed as one table.
import { renderTable } from '../../infra/cli/table.ts';

export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
export const mb = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

export function printFigures(figures: readonly Figure[]): void {
  const columns = [
    { title: 'WHAT', value: (figure: Figure) => figure.what },
    { title: 'MEASURED', value: (figure: Figure) => figure.measured },
    { title: 'BAR', value: (figure: Figure) => figure.bar },
  ];
  for (const line of renderTable(columns, figures, { width: undefined, color: false }))
    process.stdout.write(`${line}\n`);
}

/** @returns the median of the timings of several runs, in milliseconds */
export function median(runs: number, run: () => void): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)]!;
}
