// Whether what Bulkhead reads, computes and stores is what is true of the objects that were created.
import { auditCluster } from '../../shared/audit/audit.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { InClusterRead } from '../../shared/model/in-cluster.ts';
import type { Result } from '../../shared/model/result.ts';
import { betweenWorkloads, compile, workloadsOf } from '../../shared/network/index.ts';
import type { Account } from './account.ts';
import type { Report } from './check.ts';
import { same } from './check.ts';
import type { Fixture } from './fixture.ts';
import { clusterOf, readerOf, scan } from './through.ts';
import type { TestEngine } from './truth.ts';
import { engines } from './truth.ts';

export async function checkVerdicts(account: Account, fixture: Fixture, report: Report): Promise<void> {
  for (const { name } of fixture.skipped) report.note(`${name}: its kinds are not in this cluster`);
  const { reader, close } = await readerOf(account);
  try {
    const started = performance.now();
    const found = await reader.read(clusterOf('none'), { scanId: 's' }, new AbortController().signal);
    report.note(`read in ${figures(started)}`);
    report.check('the cluster is read', found.status === 'read', found);
    if (found.status !== 'read') return;
    const { namespaces, pods, policies, foreignPolicies, adminPolicies } = found.objects;
    report.note(
      `${namespaces.length} namespaces, ${pods.length} pods, ${policies.length} NetworkPolicies, ` +
        `${adminPolicies.length} admin and ${foreignPolicies.length} other policies`,
    );
    const judging = performance.now();
    auditCluster({ cluster: clusterOf('cilium'), inCluster: found, now: new Date(), excludedNamespaces: [] });
    report.note(`judged under cilium in ${figures(judging)}`);
    checkPods(found, fixture, report);
    for (const engine of engines) checkReach(found, engine, fixture, report);
    for (const engine of engines) {
      const cluster: Cluster = clusterOf(engine);
      checkFindings(await scan(cluster, reader), engine, fixture, report);
    }
  } finally {
    await close();
  }
}

function figures(started: number): string {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const [ms, cpuMs] = [performance.now() - started, (userCPUTime + systemCPUTime) / 1_000].map(Math.round);
  return `${ms} ms; ${cpuMs} ms of processor and at most ${Math.round(maxRSS / 1_024)} MB since the start`;
}

function checkPods({ objects }: InClusterRead, fixture: Fixture, report: Report): void {
  const own = objects.pods.filter(({ namespace }) => namespace === fixture.namespace('open'));
  const found = own.map(({ name, hostNetwork, finished, ports }) => [
    name,
    hostNetwork,
    finished,
    ports.map((port) => port.name),
  ]);
  const expected = [
    ['failed', false, true, []],
    ['host', true, false, []],
    ['meshed', false, false, ['http', 'proxy']],
    ['succeeded', false, true, []],
    ['web', false, false, ['http']],
  ];
  const byName = found.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  report.check('pods: live, finished, on the host network, with a sidecar', same(byName, expected), byName);
  const problems = objects.problems.filter((problem) => JSON.stringify(problem).includes(fixture.prefix));
  report.check('every policy is understood', problems.length === 0, problems);
}

/** From the open pod to each of the others, and back. */
function checkReach({ objects }: InClusterRead, engine: TestEngine, fixture: Fixture, report: Report): void {
  const net = compile(objects, { engine });
  const workloads = workloadsOf(net);
  const web = (name: string) =>
    workloads.find((w) => w.name === 'web' && w.namespace === fixture.namespace(name)) ?? fail(`no pod in ${name}`);
  for (const { name, closedUnder } of fixture.cases.filter((test) => test.name !== 'open')) {
    const ports = [betweenWorkloads(net, web('open'), web(name)), betweenWorkloads(net, web(name), web('open'))].map(
      (set) => net.ports.format(set),
    );
    const expected = closedUnder.includes(engine) ? [NOTHING, NOTHING] : [EVERYTHING, EVERYTHING];
    report.check(
      `${engine}: ${name} is ${closedUnder.includes(engine) ? 'closed' : 'open'}`,
      same(ports, expected),
      ports,
    );
  }
}

const NOTHING = '';
const EVERYTHING = 'All Connections';

function checkFindings(result: Result | undefined, engine: TestEngine, fixture: Fixture, report: Report): void {
  report.check(`${engine}: a scan stores a result`, result !== undefined);
  for (const { name, closedUnder } of fixture.cases) {
    // What an admin policy's denial of pods counts for is the business of its own fixture: here it is neither.
    if (name === 'admin') continue;
    const expected = closedUnder.includes(engine) ? 'pass' : 'fail';
    const subject = `workload/${fixture.namespace(name)}/web[Pod]`;
    const finding = result?.findings.find((f) => f.rule === 'pod-isolated' && f.subject === subject);
    report.check(
      `${engine}: the scan stores ${expected} of pod-isolated for ${name}`,
      finding?.verdict === expected,
      finding,
    );
  }
}

function fail(message: string): never {
  throw new Error(message);
}
