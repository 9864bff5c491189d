// Preloaded into the chat window, which would listen on every interface and open a browser: it does neither.
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { Server } from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function listenOnLoopback(...args) {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null && first.port !== undefined)
    args[0] = { ...first, host: '127.0.0.1' };
  else if (typeof first === 'number' || /^\d+$/.test(String(first))) {
    if (typeof second === 'string') args[1] = '127.0.0.1';
    else args.splice(1, 0, '127.0.0.1');
  }
  return listen.apply(this, args);
};

// A browser is the only thing it starts, and where there is none, failing to start it would end it.
const { spawn } = childProcess;
childProcess.spawn = (_command, _args, options) =>
  spawn(process.execPath, ['--version'], { ...options, stdio: 'ignore' });
syncBuiltinESMExports();
