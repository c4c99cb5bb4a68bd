// The programs of the guide "From a route to a graph", with the real Express: first the route as it was, then the same route
// with its handler in a run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const guide = readFileSync('node_modules/reprise/docs/guide/from-a-route-to-a-graph.md', 'utf8');
const files = [];
for (const [, text] of guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
  const [, name] = /^\/\/ (\S+)\n/.exec(text);
  files.push(name);
  writeFileSync(name, text);
}
writeFileSync(
  'app-with-run.ts',
  readFileSync('app.ts', 'utf8')
    .replace("import { answer } from './support.ts'", "import { handle } from './step-1.ts'")
    .replace('answer(request.body)', 'handle(request.body)'),
);
rmSync('runs.db', { force: true });

const { chatCompletion, toolCall } = await import('reprise/testing');
const model = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts).toString();
  const says = body.includes('refund R-')
    ? chatCompletion('It was late, so you get it back.')
    : chatCompletion([toolCall('order', { order: 'A-17' }), toolCall('refund', { order: 'A-17' })]);
  response.end(await (await says(new Request('http://model/', { method: 'POST', body }))).text());
}).listen(0, '127.0.0.1');
await new Promise((resolve) => model.once('listening', resolve));
process.env.MODEL_URL = `http://127.0.0.1:${model.address().port}`;

async function ask(app) {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const response = await fetch(`http://127.0.0.1:${server.address().port}/support`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customer: 'Ada', question: 'Where is A-17?' }),
  });
  server.close();
  server.closeAllConnections();
  return response.json();
}

const expected = { text: 'It was late, so you get it back.', refunds: ['refund R-A-17'] };
assert.deepEqual(await ask((await import('./app.ts')).app), expected);
assert.deepEqual(await ask((await import('./app-with-run.ts')).app), expected);
model.close();
model.closeAllConnections();

const reprise = ['node_modules/reprise/dist/cli/main.mjs'];
const listed = JSON.parse(
  execFileSync(process.execPath, [...reprise, 'list', '--store', 'runs.db', '--json'], { encoding: 'utf8' }),
);
console.log('runs in the store:', JSON.stringify(listed).slice(0, 200));
const steps = execFileSync(process.execPath, ['--no-warnings', 'steps.ts'], { encoding: 'utf8' });
assert.equal(steps, 'same same same same 0\n');
console.log(`${files.length} programs; steps: ${steps.trim()}`);
process.exit();
