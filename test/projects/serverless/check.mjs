// Warm and cold, one after another and side by side: each request gets its answer, and nothing stays behind.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { handler } from './handler.mjs';
import { check } from './desk.mjs';

const plainFetch = globalThis.fetch;
const server = createServer((request, response) => response.end(`weather of ${request.url}`)).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const url = `http://127.0.0.1:${server.address().port}`;
const ask = async (name) =>
  assert.deepEqual(await handler({ url: `${url}/${name}` }), { statusCode: 200, body: `Oslo: weather of /${name}` });

for (let count = 0; count < 100; count += 1) await ask(`one-${count}`);
global.gc?.();
const before = process.memoryUsage().heapUsed;
for (let count = 0; count < 500; count += 1) await ask(`more-${count}`);
for (let round = 0; round < 10; round += 1)
  await Promise.all(Array.from({ length: 50 }, (_, place) => ask(`side-${round}-${place}`)));
global.gc?.();
const grownBytes = process.memoryUsage().heapUsed - before;
assert.equal(globalThis.fetch, plainFetch, 'fetch is given back');
assert.ok(grownBytes < 8 * 1024 * 1024, `1,000 engines left ${grownBytes} bytes behind`);
server.close().closeAllConnections();
console.log(await check(), `1100 requests, ${Math.round(grownBytes / 1024)} KB more`);
