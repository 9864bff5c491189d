// `npm run connectivity`: who can reach whom, by the manifests in a folder.
import { connectivity } from './connectivity-command.ts';
import { runAsProcess } from './program.ts';

runAsProcess(connectivity);
