// A CommonJS consumer: `require` of the package, of its doors, and of a module that uses them.
const { createEngine, fields, graph, sum } = require('reprise');
const { sqliteStore } = require('reprise/sqlite');

const counter = graph('counter', { state: fields({ count: sum() }) })
  .node('increase', () => ({ delta: { count: 1 } }))
  .start('increase')
  .build();

async function main() {
  const engine = createEngine(counter, { store: sqliteStore('runs.db') });
  const { count } = await engine.run({}).orThrow();
  await engine.close();
  const { check } = require('./desk.mjs');
  console.log(count, await check());
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
