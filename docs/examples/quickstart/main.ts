// The main workflow end to end, on your own machine and without a key: run a graph, store the run in SQLite, export it
// as a fixture, replay it offline, change the graph, and see where the result differs.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createEngine } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { replayText } from 'reprise/report';
import { sqliteStore } from 'reprise/sqlite';
import { startProvider } from '../provider/server.ts';
import { researchDesk } from '../research-desk/graph.ts';
import { changedDesk } from './changed-desk.ts';

const folder = '.quickstart';
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

console.log('1. A model provider on this machine answers with what real ones streamed.');
const provider = await startProvider();
Object.assign(process.env, provider.environment);

console.log('2. research-desk runs against it through the official client, and is stored in SQLite.');
const input = JSON.parse(await readFile(new URL('../research-desk/input.json', import.meta.url), 'utf8')) as {
  question: string;
};
const store = sqliteStore(`${folder}/runs.db`);
const engine = createEngine(researchDesk, { store, effects: [httpEffects()] });
const run = await engine.run(input, { runId: 'desk-1' });
if (run.status !== 'done') throw new Error(`the run is ${run.status}`);
console.log(`   run ${run.id}: ${run.status} after ${run.steps} steps, ${provider.requests.length} requests\n`);

console.log('3. The run becomes a fixture: a text file, in canonical order, credentials replaced.');
const fixture = await exportRunTo(store, 'desk-1', `${folder}/fixtures/`);
await engine.close();
await provider.close();
console.log(`   ${fixture}\n`);

console.log('4. The provider is gone. The fixture is replayed offline: the nodes run, and the recording answers.');
const same = await replay(researchDesk, fixture);
console.log(indented(replayText(same.report)));

console.log('5. Somebody changed `research` to truncate its finding. The same replay shows where that matters:');
const changed = await replay(changedDesk, fixture);
console.log(indented(replayText(changed.report)));

if (same.report.verdict !== 'same' || changed.report.verdict !== 'diverged') process.exitCode = 1;

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '   ');
}
