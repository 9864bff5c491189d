// The oldest Node that Bulkhead runs on, the same wherever it is said.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { requireNode } from '../../shared/app/require-node.ts';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  engines: { node: string };
};

test.each(['20.20.2', '22.18.0', '18.0.0'])(
  'Node %s is refused in one sentence that says what is needed',
  (version) => {
    expect(() => requireNode(version)).toThrow(
      `Bulkhead needs Node ${engines.node.slice(2)} or later, and this is Node ${version}`,
    );
  },
);

test.each(['22.19.0', '22.21.1', '24.0.0', '26.3.0'])('Node %s will do', (version) => {
  expect(() => requireNode(version)).not.toThrow();
});
