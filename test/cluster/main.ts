// `npm run test:cluster -- --kubeconfig FILE [--context NAME]`: the reader, the rules and a whole scan against a real API server.
// It creates namespaces of its own, expects exactly their verdicts, takes each right away in turn, and removes everything again.
// Without a kubeconfig, BULKHEAD_APISERVER names a program that starts and stops an API server: `PROGRAM start|stop FOLDER`;
// it leaves FOLDER/admin.kubeconfig.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAccount } from './account.ts';
import { createReport } from './check.ts';
import { checkChurn } from './churn.ts';
import { openClient } from './client.ts';
import { createFixture } from './fixture.ts';
import { record } from './record.ts';
import { checkRights } from './rights.ts';
import { checkVerdicts } from './verdicts.ts';

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    /** Writes the answers of this server as the fixtures of the unit tests. */
    record: { type: 'boolean', default: false },
  },
});

/** Who stops the test, or stops listening to it, does not stop it from cleaning up. */
const stopped = new Promise<never>((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  process.stdout.once('error', reject);
});
stopped.catch(() => undefined);

async function run(kubeconfig: string): Promise<number> {
  const report = createReport((line) => void process.stdout.write(`${line}\n`));
  const account = readAccount(kubeconfig, values.context);
  const client = openClient(account);
  const { gitVersion } = await client.json('GET', '/version');
  report.note(`${account.server}, Kubernetes ${String(gitVersion)}`);
  const fixture = await createFixture(client, `bulkhead-test-${randomBytes(3).toString('hex')}`);
  const check = async (): Promise<void> => {
    await checkVerdicts(account, fixture, report);
    await checkRights(account, client, fixture, report);
    await checkChurn(account, client, fixture, report);
  };
  try {
    await Promise.race([stopped, values.record ? record(account, client, fixture, report) : check()]);
  } finally {
    await fixture.remove();
    await client.close();
  }
  report.note(report.failures === 0 ? 'everything holds' : `${report.failures} checks failed`);
  return report.failures;
}

async function withServer(program: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-apiserver-'));
  const tell = (verb: string): void => void execFileSync(program, [verb, folder], { stdio: ['ignore', 2, 2] });
  try {
    tell('start');
    return await run(join(folder, 'admin.kubeconfig'));
  } finally {
    tell('stop');
    rmSync(folder, { recursive: true, force: true });
  }
}

const program = process.env['BULKHEAD_APISERVER'];
if (values.kubeconfig !== undefined) process.exitCode = (await run(values.kubeconfig)) > 0 ? 1 : 0;
else if (program) process.exitCode = (await withServer(program)) > 0 ? 1 : 0;
else {
  process.stderr.write('Name a cluster: npm run test:cluster -- --kubeconfig FILE [--context NAME]\n');
  process.exitCode = 2;
}
