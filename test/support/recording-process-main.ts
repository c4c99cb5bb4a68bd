// Run in a process of its own, with a small heap:
//   recording-process-main.ts <store> <hangs | throws | slow | dies> <count> <told>
// Runs a graph so many times under a recording policy, and prints how the runs ended, what was
// told and what was counted. `told`: how much has to be told before the engine is closed.
import { appendFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import type { RecordOptions } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';

const [path = '', how = '', count = '0', toldMin = '0'] = process.argv.slice(2);
const bodyLength = 300_000;

const failing = graph('failing', { state: fields({ number: last(0) }) })
  .node('fail', async ({ number }, { effect }) => {
    await effect('ask', number, () => `${number} `.repeat(bodyLength / `${number} `.length));
    throw new Error('on purpose');
  })
  .start('fail')
  .build();

const targets: Readonly<Record<string, Exclude<RecordOptions['to'], string>>> = {
  dies: async ({ name }) => appendFileSync(`${path}.names`, `${name}\n`),
  hangs: () => new Promise(() => undefined),
  throws: () => Promise.reject(new Error('no bucket')),
  slow: async ({ stream }) => {
    for await (const _chunk of stream) await new Promise((resolve) => setTimeout(resolve, 100));
  },
};

const to = targets[how];
if (to === undefined) throw new Error(`no target ${how}`);
let told = 0;
const engine = createEngine(failing, {
  store: sqliteStore(path),
  graceMs: 200,
  record: { to },
  observers: [
    {
      observe: () => undefined,
      recorded: () => {
        told += 1;
      },
    },
  ],
});
const ended: Record<string, number> = {};
for (let number = 0; number < Number(count); number += 1) {
  const { status } = await engine.run({ number }, { runId: `run-${number}` });
  ended[status] = (ended[status] ?? 0) + 1;
}
// Mostly before the recorder has looked at any run.
if (how === 'dies') process.kill(process.pid, 'SIGKILL');
// The runs have left the recorder no time.
while (told < Number(toldMin)) await new Promise((resolve) => setTimeout(resolve, 10));
const beforeClose = performance.now();
await engine.close();
const closeMs = performance.now() - beforeClose;
console.log(JSON.stringify({ ended, told, counts: engine.recordings(), closeMs }));
process.exit(0);
