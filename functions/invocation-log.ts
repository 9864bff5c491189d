// Before every function: what is logged while it runs goes to its invocation.
import { app } from '@azure/functions';
import { logWithin } from '../shared/app/invocation-log.ts';

app.hook.preInvocation((hook) => {
  hook.functionHandler = logWithin(hook.invocationContext, hook.inputs[0], hook.functionHandler);
});
