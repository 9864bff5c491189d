// `npm run audit`: the rules on an export or a folder of manifests.
import { audit } from './audit-command.ts';
import { runAsProcess } from './program.ts';

runAsProcess(audit);
