// The options of `npm start --`.
import { parseArgs } from 'node:util';

export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly azure: boolean;
  readonly chat: boolean;
  readonly help: boolean;
  readonly port: number;
  readonly chatPort: number;
  readonly estate: string | undefined;
  readonly data: string | undefined;
}

export const usage = `Usage: npm start -- [options]

Scans the simulated estate (or real Azure), shows the fleet, then stays and scans on schedule.

  --once           one scan, then exit: 0 when it closed, 1 when it could not
  --json           with --once: print the scan as JSON and nothing else
  --azure          read real Azure with your own credentials (az login)
  --no-chat        leave out the chat window
  --port N         port of the HTTP API and the bot (7071)
  --chat-port N    port of the chat window (56150)
  --estate DIR     folder of the simulated estate (infra/local/estate)
  --data DIR       where results persist (.local/data; with --once in memory)
  --help           this text
`;

/** @throws TypeError naming the option that is unknown or wrong */
export function parseOptions(args: readonly string[]): StartOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      azure: { type: 'boolean', default: false },
      'no-chat': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      port: { type: 'string' },
      'chat-port': { type: 'string' },
      estate: { type: 'string' },
      data: { type: 'string' },
    },
  });
  if (values.json && !values.once) throw new TypeError('--json needs --once');
  if (values.azure && values.estate !== undefined)
    throw new TypeError('--estate names the simulated estate; --azure reads the real one');
  return {
    once: values.once,
    json: values.json,
    azure: values.azure,
    chat: !values['no-chat'] && !values.once,
    help: values.help,
    port: portOf('--port', values.port, 7071),
    chatPort: portOf('--chat-port', values['chat-port'], 56150),
    estate: values.estate,
    data: values.data,
  };
}

function portOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(`${name} takes a port from 0 to 65535, not ${text}`);
  return port;
}
