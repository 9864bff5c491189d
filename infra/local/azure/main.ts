// The simulated Azure as a process of its own. Prints one line of JSON with its endpoint when it listens.
import { parseArgs } from 'node:util';
import { startSimulation } from '../simulation.ts';
import { generatedEstate } from './generated-estate.ts';
import { startSimulatedAzure } from './server.ts';

const { values } = parseArgs({
  options: {
    /** A folder like infra/local/estate; without one, clusters are generated, for benchmarks. */
    estate: { type: 'string' },
    port: { type: 'string', default: '0' },
    subscriptions: { type: 'string', default: '500' },
    clusters: { type: 'string', default: '10' },
  },
});

const arm = { port: Number(values.port), pageSize: 500 };
const warn = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
const azure = values.estate
  ? await startSimulation({ ...arm, estateDir: values.estate, warn })
  : await startSimulatedAzure({
      ...arm,
      estate: generatedEstate(Number(values.subscriptions), Number(values.clusters)),
    });
process.stdout.write(`${JSON.stringify({ endpoint: azure.endpoint })}\n`);
