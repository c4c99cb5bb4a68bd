// For each driver: start its server, record, stop the server, and replay while a listener at its place counts connections.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { servers } from './servers.mjs';

/** Beside this process, which may be the server. */
async function node(args, env) {
  const done = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env }, timeout: 120_000 });
  return done.stdout;
}

async function counting(port) {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { stop: () => new Promise((resolve) => server.close(() => resolve(count))) };
}

const wanted = process.argv.slice(2);
let isRed = false;
for (const { name, variable, start } of servers) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  try {
    const server = await start();
    if (server === undefined) {
      console.log(`${name}: not tried, its server is not installed`);
      continue;
    }
    const env = { DRIVER: name, [variable]: server.url };
    try {
      await node(['record.mjs'], env);
    } finally {
      await server.stop();
    }
    const listener = await counting(server.port);
    const out = await node(
      [
        'node_modules/reprise/dist/cli/main.mjs',
        'replay',
        `fixtures/${name}.run.jsonl`,
        '--graph',
        'graph.mjs#weather',
      ],
      env,
    );
    const connections = await listener.stop();
    assert.match(out, /same/);
    assert.equal(connections, 0);
    console.log(`${name}: recorded with ${server.what}, replayed with it stopped: same, ${connections} connections`);
  } catch (error) {
    isRed = true;
    console.log(`${name}: FAILED\n${error.stack}`);
  }
}
process.exitCode = isRed ? 1 : 0;
