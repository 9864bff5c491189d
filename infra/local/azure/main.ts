// The simulated Azure as a process of its own. Prints one line of JSON with its endpoint when it listens.
import { parseArgs } from 'node:util';
import { estateFromFiles, generatedEstate } from './estate-files.ts';
import { startSimulatedAzure } from './server.ts';

const { values } = parseArgs({
  options: {
    estate: { type: 'string' },
    port: { type: 'string', default: '0' },
    subscriptions: { type: 'string', default: '500' },
    clusters: { type: 'string', default: '10' },
  },
});

const estate = values.estate
  ? estateFromFiles(values.estate, (sentence) => process.stderr.write(`${sentence}\n`))
  : generatedEstate(Number(values.subscriptions), Number(values.clusters));
const azure = await startSimulatedAzure({ estate, port: Number(values.port), pageSize: 500 });
process.stdout.write(`${JSON.stringify({ endpoint: azure.endpoint })}\n`);
