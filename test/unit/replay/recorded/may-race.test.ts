// Where another order may be all that is behind a divergence, the report says so.
import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, memoryStore } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import { exportRun } from '../../../../src/record/export-run.ts';
import { replay } from '../../../../src/replay/replay.ts';
import { fileOf } from '../../../support/fixture-file.ts';
import { collected } from '../../../support/journals.ts';

/** `delays`: of each of its tasks, which leave their names in a variable that only a later step reads. */
function deskOf(delays: Readonly<Record<string, number>>, sumUp: (seen: string) => string): AnyGraph {
  let seen = '';
  return graph('desk', { state: fields({ found: append<string>() }), inputs: { work: input<{ id: string }>() } })
    .node('plan', (_state, { send }) => {
      seen = '';
      return { route: Object.keys(delays).map((id) => send('work', { id })) };
    })
    .node('work', async (_state, { input: { id }, effect }) => {
      await effect('ask', id, () => new Promise<void>((resolve) => setTimeout(resolve, delays[id])));
      seen += id;
      return { delta: { found: [id] } };
    })
    .node('then', async (_state, { effect }) => ({
      delta: { found: [await effect('sum', sumUp(seen), () => 'summed up')] },
    }))
    .edge('work', 'then')
    .start('plan')
    .build();
}

async function recorded(made: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(made, { store });
  await engine.run({} as never, { runId: 'run' });
  return fileOf(Buffer.concat(await collected(exportRun(store, 'run', { observed: false }))));
}

it('a race whose outcome shows only in a later step may be one', async () => {
  const fixture = await recorded(deskOf({ a: 20, b: 0 }, String));
  const { report } = await replay(deskOf({ a: 0, b: 0 }, String), fixture);
  expect(report).toMatchObject({ verdict: 'diverged', mayBeRace: true });
  expect(report.divergences[0]?.step).toBe(3);
});

it('a change in a run whose tasks were alone is none', async () => {
  const fixture = await recorded(deskOf({ a: 0 }, String));
  const { report } = await replay(
    deskOf({ a: 0 }, (seen) => `${seen}!`),
    fixture,
  );
  expect(report.verdict).toBe('diverged');
  expect(report.mayBeRace).toBeUndefined();
});
