// The graph of the guide "Coming from LangGraph.js", before and after: both come to the same.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createEngine } from 'reprise';
import { recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';

const guide = readFileSync('node_modules/reprise/docs/guide/coming-from.md', 'utf8');
for (const [, text] of guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
  const [, name] = /^\/\/ (\S+)\n/.exec(text);
  if (['langgraph.ts', 'desk.ts', 'as-it-is.ts'].includes(name)) writeFileSync(name, text);
}

const before = (await import('./langgraph.ts')).desk;
const after = (await import('./desk.ts')).desk;
const topics = ['tides', 'moons'];
const { report, findings } = await before.invoke({ topics });
const engine = createEngine(after);
const state = await engine.run({ topics }).orThrow();
await engine.close();
assert.deepEqual({ report: state.report, findings: state.findings }, { report, findings });
console.log(report);

const { desk: asItIs } = await import('./as-it-is.ts');
const { run, path } = await recordRun(asItIs, { input: topics }, { out: 'fixtures/' });
assert.equal(run.state.output, report);
assert.equal((await replay(asItIs, path)).report.verdict, 'same');
