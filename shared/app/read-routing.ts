// The routing of alerts, read once from where the settings say it is.
import { readFile } from 'node:fs/promises';
import type { Log } from '../ports.ts';
import type { ParsedRouting } from '../alerts/routing-file.ts';
import { defaultRouting } from '../alerts/routing.ts';

export interface RoutingSource {
  readonly text: string | undefined;
  /** A path; relative ones start where the process does. */
  readonly file: string | undefined;
}

/** @returns a reader that never throws: where the routing cannot be read, the default one holds, and people are shown the problem */
export function createRoutingReader({ text, file }: RoutingSource, log: Log): () => Promise<ParsedRouting> {
  let reading: Promise<ParsedRouting> | undefined;
  const read = async (): Promise<ParsedRouting> => {
    if (text === undefined && file === undefined) return { routing: defaultRouting, problems: [] };
    // Most runs need no YAML: only those that do load its parser.
    const { parseRouting } = await import('../alerts/routing-file.ts');
    const parsed = await (async (): Promise<ParsedRouting> => {
      try {
        return parseRouting(text ?? (await readFile(file!, 'utf8')));
      } catch (error) {
        const cause = error instanceof Error ? error.message : String(error);
        return { routing: defaultRouting, problems: [`routing: the file cannot be read: ${cause}`] };
      }
    })();
    for (const problem of parsed.problems) log.error('routing is wrong', { problem });
    return parsed;
  };
  return () => (reading ??= read());
}
