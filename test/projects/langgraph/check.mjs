// The graph of the guide "Coming from LangGraph.js", before and after: both come to the same.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createEngine } from 'reprise';

const guide = readFileSync('node_modules/reprise/docs/guide/coming-from.md', 'utf8');
for (const [, text] of guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
  const [, name] = /^\/\/ (\S+)\n/.exec(text);
  if (name === 'langgraph.ts' || name === 'desk.ts') writeFileSync(name, text);
}

const before = (await import('./langgraph.ts')).desk;
const after = (await import('./desk.ts')).desk;
const topics = ['tides', 'moons'];
const { report, findings } = await before.invoke({ topics });
await using engine = createEngine(after);
const state = await engine.run({ topics }).orThrow();
assert.deepEqual({ report: state.report, findings: state.findings }, { report, findings });
console.log(report);
