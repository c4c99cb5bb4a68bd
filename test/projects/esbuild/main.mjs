import assert from 'node:assert/strict';
import { createEngine, fields, graph, last } from 'reprise';
import { sqliteStore } from 'reprise/sqlite';
import { check } from './desk.mjs';

/** A bundle finds the package of the store where it is run, in either format of modules. */
async function keep() {
  const counter = graph('counter', { state: fields({ count: last(0) }) })
    .node('add', ({ count }) => ({ delta: { count: count + 1 } }))
    .start('add')
    .build();
  const engine = createEngine(counter, { store: sqliteStore(`runs-${process.pid}.db`) });
  const run = await engine.run({}, { runId: 'kept' });
  assert.equal(run.status, 'done');
  await engine.close();
}

async function main() {
  await keep();
  return check();
}

main().then(console.log, (error) => {
  console.error(error);
  process.exitCode = 1;
});
