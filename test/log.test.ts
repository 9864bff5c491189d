// Log lines: whole words stay, secrets go, and each line is one JSON object whatever is in it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLog, redact } from '../shared/log.ts';

const SECRET = 'hunter2hunter2hunter2hunter2';

test.each([
  ['Bearer authentication failed', 'Bearer authentication failed'],
  ['there is no bearer token', 'there is no bearer token'],
  [
    'Bearer authorization_uri="https://login.microsoftonline.com/t"',
    'Bearer authorization_uri="https://login.microsoftonline.com/t"',
  ],
  ['the command ended with exitcode=137', 'the command ended with exitcode=137'],
  ['code=Forbidden, statusCode=403', 'code=Forbidden, statusCode=403'],
  ['the cluster design=flat', 'the cluster design=flat'],
])('%s: nothing in it is a secret', (text, kept) => {
  expect(redact(text)).toBe(kept);
});

test.each([
  [`Authorization: Bearer ${SECRET} was refused`, 'Authorization: Bearer *** was refused'],
  [`bearer ${SECRET}.abc.def-_~+/= end`, 'Bearer *** end'],
  ['got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln back', 'got ***jwt*** back'],
  [`AccountName=a;AccountKey=${SECRET}==;EndpointSuffix=x`, 'AccountName=a;AccountKey=***;EndpointSuffix=x'],
  [`https://x/a?sv=1&sig=${SECRET}&se=2`, 'https://x/a?sv=1&sig=***&se=2'],
  [`https://x/api/status?code=${SECRET} answered`, 'https://x/api/status?code=*** answered'],
  [`password="${SECRET}" is wrong`, 'password=***" is wrong'],
  [`dbpassword=a\\b;user=c`, 'dbpassword=***;user=c'],
  [`client_secret=${SECRET}\nnext line`, 'client_secret=***\nnext line'],
])('%s: the secret goes, and what follows it stays', (text, kept) => {
  expect(redact(text)).toBe(kept);
});

/** @returns the one line that is written */
function lineOf(fields: Readonly<Record<string, unknown>>): unknown {
  const lines: string[] = [];
  createLog({ now: () => new Date(0) }, (_level, line) => lines.push(line)).warn('it failed', fields);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]!);
}

test.each(['password="', 'password=', 'Bearer ', '?code=', 'AccountKey='])(
  'a secret after %s is taken out of quotes, lines and nested fields, and the line stays JSON',
  (before) => {
    const text = `first "${before}${SECRET}"\nsecond`;
    const line = lineOf({
      text,
      nested: [{ text }],
      error: new Error(text, { cause: new Error(text) }),
      other: new Error('x', { cause: { text } }),
    });
    expect(JSON.stringify(line)).not.toContain(SECRET);
    expect(line).toMatchObject({ text: expect.stringMatching(/^first ".*\nsecond$/) as string });
  },
);

test('whatever is logged, the line is one JSON object', () => {
  const piece = fc.constantFrom('Bearer ', 'password=', '"', '\\', '\n', SECRET, 'code=', '?', ';', ' ', 'x');
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        expect(lineOf({ text })).toMatchObject({ level: 'warn', message: 'it failed', text: redact(text) });
      },
    ),
  );
});
