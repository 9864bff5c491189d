// Preloaded into a program that would listen on every interface: it listens on loopback instead.
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
