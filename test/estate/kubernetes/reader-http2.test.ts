// Every statement about the reader once more, over HTTP/2.
import { afterAll, beforeAll } from 'vitest';
import { speak } from './api-server.ts';

beforeAll(() => speak('h2'));
afterAll(() => speak('http/1.1'));

// Under a name of its own, for a module of one name runs only once in a thread.
const again = './reader.test.ts?http2';
await import(again);
