// What it costs to stop a wide step grows with the number of its tasks, and not with the square of it.
import { createEngine, fields, graph, input, memoryStore, sum } from 'reprise';
import { expect, it } from 'vitest';
import { nextTurn } from '../../../support/manual-clock.ts';

const few = 500;
const factor = 8;
/** Between the factor itself and its square: what the machine does beside it makes no such difference. */
const growthMax = 32;

const stops = ['a cancel', 'a close', 'a failure'] as const;

/** The processor time that it takes to stop so many tasks that wait, in milliseconds. */
async function stopMs(count: number, stop: (typeof stops)[number]): Promise<number> {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let waiting = 0;
  const wide = graph('wide', { state: fields({ got: sum() }), inputs: { wait: input<number>() } })
    .node('split', (_state, { goto, send }) => ({
      route: [goto('fail'), ...Array.from({ length: count }, (_unused, index) => send('wait', index))],
    }))
    .node('fail', async () => failure.promise)
    .node('wait', async (_state, { signal }) => {
      waiting += 1;
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    })
    .start('split')
    .build();
  const engine = createEngine(wide, {
    store: memoryStore(),
    maxConcurrent: 2 * count,
    maxTasks: 2 * count,
    graceMs: 0,
  });
  const run = engine.run({}, { runId: 'run' });
  while (waiting < count) await nextTurn();
  const began = process.cpuUsage();
  if (stop === 'a cancel') await engine.cancel('run');
  else if (stop === 'a close') await engine.close();
  else failure.reject(new Error('no'));
  await run;
  const { user, system } = process.cpuUsage(began);
  await engine.close();
  return (user + system) / 1_000;
}

it.each(stops)('%s of a wide step costs what its tasks cost', async (stop) => {
  const once = Math.max(await stopMs(few, stop), await stopMs(few, stop));
  expect((await stopMs(factor * few, stop)) / once).toBeLessThan(growthMax);
});
