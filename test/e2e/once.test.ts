// `npm start -- --once --json` on the real parts: emulator, simulated Azure, functions, SDKs.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

function start(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--disable-warning=DEP0040', 'infra/local/start.ts', '--port', '0', ...args], {
    cwd: root,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, stdout, stderr })));
}

interface Printed {
  readonly scan: { readonly outcome: string; readonly missing: readonly string[] };
  readonly clusters: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly findings: readonly { rule: string; verdict: string }[];
  }[];
  readonly subscriptions: readonly { readonly name: string; readonly readable: boolean; readonly reason?: string }[];
  readonly summary: { readonly clusters: number };
}

test.concurrent('one scan prints every simulated cluster and the unreadable subscription, and exits 0', async () => {
  const { code, stdout } = await start('--once', '--json');
  expect(code).toBe(0);
  const printed = JSON.parse(stdout) as Printed;
  expect(printed.clusters).toHaveLength(18);
  expect(printed.scan).toMatchObject({ outcome: 'partial' });
  expect(printed.scan.missing.join()).toContain('Finance');
  expect(printed.subscriptions.find((s) => !s.readable)).toMatchObject({
    name: 'Finance',
    reason: 'subscription-unreadable',
    verdict: 'unknown',
  });
  const failing = (name: string): string[] =>
    printed.clusters
      .find((cluster) => cluster.name === name)!
      .findings.filter(
        (finding) => finding.verdict === 'fail' || (finding.verdict === 'unknown' && finding.rule === 'engine-enabled'),
      )
      .map((finding) => finding.rule);
  expect(failing('checkout-staging')).toContain('engine-enabled');
  expect(failing('intranet')).toEqual(expect.arrayContaining(['engine-enabled', 'kubenet-retirement']));
  expect(failing('mainframe-bridge')).toContain('engine-enabled');
  expect(failing('edge-pilot')).toContain('engine-enabled');
  expect(failing('routing-prod')).toContain('npm-node-limit');
  expect(failing('tracking-prod')).toContain('npm-ipv6');
  expect(failing('checkout-prod')).toContain('managed-namespace-policy');
});

test.concurrent('an estate that cannot be read at all exits 1 and says why', async () => {
  const { code, stdout, stderr } = await start('--once', '--json', '--estate', '/nowhere');
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/subscriptions/);
});

test.concurrent('an unknown option exits 2 and names it', async () => {
  const { code, stderr } = await start('--frobnicate');
  expect(code).toBe(2);
  expect(stderr).toContain('--frobnicate');
});
