// Asks the built server, as a browser would.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const weather = createServer((_request, response) => response.end('rain')).listen(0, '127.0.0.1');
const port = await new Promise((resolve) => {
  const taken = createServer().listen(0, '127.0.0.1', () => {
    const { port } = taken.address();
    taken.close(() => resolve(port));
  });
});
const next = spawn(
  process.execPath,
  ['node_modules/next/dist/bin/next', 'start', '--port', String(port), '--hostname', '127.0.0.1'],
  { stdio: 'inherit' },
);
const url = `http://127.0.0.1:${port}/api/desk`;
try {
  for (let tries = 0; ; tries += 1) {
    if (
      await fetch(url, { method: 'HEAD' }).then(
        () => true,
        () => false,
      )
    )
      break;
    if (tries > 300) throw new Error('the server does not answer');
    await pause(200);
  }
  const body = JSON.stringify({ url: `http://127.0.0.1:${weather.address().port}/` });
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await fetch(url, { method: 'POST', body })).json()),
  );
  for (const answer of answers) assert.deepEqual(answer, { answer: 'Oslo: rain' });
  const replayed = await (await fetch(url)).text();
  assert.equal(replayed, '{"answer":"Oslo: rain","verdict":"same","networkCalls":0}');
  console.log(replayed);
} finally {
  next.kill();
  weather.close().closeAllConnections();
}
