// Commands survive the shell they are pasted into, whatever the names in them.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { readFileSync, globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { azAks, kubectl, shellComment, shellLine } from '../../shared/model/shell.ts';
import { runs } from '../support/runs.ts';

const nasty = fc.string({
  unit: fc.constantFrom(
    'a',
    'Z',
    '7',
    ' ',
    "'",
    '"',
    '$',
    '`',
    '\\',
    '(',
    ')',
    ';',
    '&',
    '*',
    '~',
    '=',
    '-',
    '#',
    '\n',
    'é',
  ),
});

test('any words come out of a shell as they went in', () => {
  fc.assert(
    fc.property(fc.array(nasty, { minLength: 1, maxLength: 20 }), (words) => {
      const { stdout } = spawnSync('sh', ['-c', `printf '%s\\037' ${shellLine(...words)}`], { encoding: 'utf8' });
      expect(stdout.split('\u001f').slice(0, -1)).toEqual(words);
    }),
    { numRuns: runs(200) },
  );
});

test('a comment stays one line, and does nothing', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const { stdout } = spawnSync('sh', ['-c', `${shellComment(`about ${text}`)}\necho done`], { encoding: 'utf8' });
      expect(stdout).toBe('done\n');
    }),
    { numRuns: runs(50) },
  );
});

test('a cluster is named in full, and a part of it beside', () => {
  const cluster = { subscriptionId: 's', resourceGroup: 'rg (prod);x', name: 'one' };
  expect(azAks(cluster, 'update', '--network-policy', 'none')).toBe(
    "az aks update --subscription s -g 'rg (prod);x' -n one --network-policy none",
  );
  expect(azAks(cluster, 'nodepool delete', '--name', 'win')).toBe(
    "az aks nodepool delete --subscription s -g 'rg (prod);x' --cluster-name one --name win",
  );
});

test('an object is named with the group of its kind, and its namespace where it has one', () => {
  const policy = { group: 'projectcalico.org', kind: 'NetworkPolicy', namespace: 'shop', name: 'a' };
  expect(kubectl('edit', policy)).toBe('kubectl edit networkpolicy.projectcalico.org a --namespace shop');
  const everywhere = { group: 'projectcalico.org', kind: 'GlobalNetworkPolicy', namespace: '', name: 'a b' };
  expect(kubectl('delete', everywhere)).toBe("kubectl delete globalnetworkpolicy.projectcalico.org 'a b'");
  const service = { group: '', kind: 'Service', namespace: 'shop', name: 'web' };
  expect(kubectl('patch', service, '--patch', '{"a":1}')).toBe(
    `kubectl patch service web --namespace shop --patch '{"a":1}'`,
  );
});

/** A text that names a command and has something put into it, which is not a word quoted for a shell or a name in capitals to fill in. */
const PUT_TOGETHER =
  /[`'"][^`]*\b(az|kubectl) (?!could)[a-z]+[^`]*(\$\{(?!shellLine|az[AG]|kubectl\(|[A-Z_]+\})|['"] \+)/;

test('no command is put together anywhere else', () => {
  expect(PUT_TOGETHER.test('`kubectl edit ${name}`')).toBe(true);
  expect(PUT_TOGETHER.test("'kubectl edit ' + name")).toBe(true);
  expect(PUT_TOGETHER.test("`To see it: ${kubectl('get', pod)}`")).toBe(false);
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const made = globSync('{shared,functions,infra,test}/**/*.ts', { cwd: root })
    .filter((file) => file !== 'test/model/shell.test.ts')
    .flatMap((file) =>
      readFileSync(root + file, 'utf8')
        .split('\n')
        .filter((line) => PUT_TOGETHER.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(made).toEqual([]);
});
