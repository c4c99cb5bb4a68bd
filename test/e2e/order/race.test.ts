import { setTimeout as wait } from 'node:timers/promises';
import { append, createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph, Entry, RunStore } from 'reprise';
import { explore } from 'reprise/explore';
import { exportRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { expect, it } from 'vitest';
import { fileOf } from '../../support/fixture-file.ts';
import { collected } from '../../support/journals.ts';

it('first', async () => {
  const seen: string[] = [];
  const make = (): AnyGraph =>
    graph('hedged', { state: fields({ answer: last(''), by: last(''), tried: append<string>() }) })
      .node('ask', async (_state, { effect, race, sleep, emit }) => {
        const tried: string[] = [];
        const first = await race('answer', {
          primary: async (signal) => {
            tried.push('primary');
            try {
              await effect('model', 'large', async (_r, { signal: s }) => {
                await wait(50);
                seen.push(`aborted ${signal.aborted} ${s.aborted}`);
                return 'large';
              });
            } catch (error) {
              seen.push(`${(error as { code: string }).code}`);
              try {
                emit('late');
              } catch (e) {
                seen.push(`emit ${(e as { code: string }).code}`);
              }
              await effect('more', 1, () => 1).catch((e) => seen.push(`effect ${e.code}`));
            }
            return 1;
          },
          backup: async () => {
            await sleep(10);
            tried.push('backup');
            emit('hedging');
            return effect('model', 'small', async () => 'small');
          },
        });
        return { delta: { answer: String(first.value), by: first.branch, tried } };
      })
      .start('ask')
      .build();
  const store = memoryStore();
  const engine = createEngine(make(), { store });
  const run = await engine.run({}, { runId: 'r' });
  console.log(JSON.stringify(run, null, 1), seen);
  await wait(60);
  console.log(seen);
  for await (const page of store.read('r') as never) console.log(JSON.stringify(page));
  const file = fileOf(Buffer.concat(await collected(exportRun(store, 'r'))));
  const { report } = await replay(make(), file);
  console.log(report.verdict, report.divergences, report.outOfOrder, seen);
  const explored = await explore(make, file);
  console.log(JSON.stringify(explored, null, 1));
});
