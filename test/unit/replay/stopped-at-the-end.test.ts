// A run that is stopped when its last step is committed and its end is not written yet ends as it was stopped. So does its
// replay, which has no step left in which that could take hold.
import { fields, graph, last, memoryStore } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changedStore, keptStore } from '../../support/changed-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';

const twice = graph('twice', { state: fields({ n: last(0) }) })
  .node('first', () => ({ delta: { n: 1 } }))
  .node('second', () => ({ delta: { n: 2 } }))
  .edge('first', 'second')
  .start('first')
  .build();

const timeoutMs = 1_000;

it.each([
  ['by a cancel', 'cancelled'],
  ['at its deadline', 'failed'],
])('replays the same: %s that comes with the last commit', async (_how, status) => {
  const kept = keptStore(memoryStore());
  const clock = new ManualClock();
  const store = changedStore(kept, {
    append: async (lease, entries, checkpoint) => {
      const request = await kept.append(lease, entries, checkpoint);
      const isLast = entries.some((entry) => entry.kind === 'commit' && entry.frontier.length === 0);
      if (!isLast) return request;
      if (status === 'cancelled') return { runId: 'run', reason: 'enough' };
      clock.step(timeoutMs);
      return request;
    },
  });
  const engine = testEngine(twice, { store, clock });
  expect((await engine.run({}, { timeoutMs })).status).toBe(status);
  await engine.close();
  expect(await kept.find('run')).toMatchObject({ status, step: 2 });
  const file = join(temporaryFolder(), 'run.run.jsonl');
  await exportRunTo(kept, 'run', file);
  const { report } = await replay(twice, file);
  expect(report.divergences).toEqual([]);
});
