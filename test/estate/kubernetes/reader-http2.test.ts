// Every statement about the reader once more, over HTTP/2.
import { speakHttp2 } from './api-server.ts';

speakHttp2();
await import('./reader.test.ts');
