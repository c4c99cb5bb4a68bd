// A request that changed is named where its effect was in doubt when it was recorded, so that no answer to it is known.
import { append, createEngine, effectsInDoubtOf, fields, graph, memoryStore } from 'reprise';
import type { AnyGraph, Decided } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Code {
  /** What is charged, side by side. */
  readonly euros: readonly number[];
  /** Which of them is never answered in the first attempt. */
  readonly hangs?: number;
  /** Before it. */
  readonly checks?: boolean;
}

function paying({ euros, hangs, checks = false }: Code): AnyGraph {
  const once = new Set([hangs]);
  return graph('paying', { state: fields({ log: append<string>() }) })
    .node(
      'pay',
      async (_state, { effect }) => {
        if (checks) await effect('check', 'the account', () => 'fine');
        const charge = (euro: number): Promise<string> =>
          effect('charge', { euro, to: 'ana' }, () => (once.delete(euro) ? forever() : Promise.resolve('paid')), {
            onDoubt: 'fail',
          });
        return { delta: { log: await Promise.all(euros.map(charge)) } };
      },
      { timeoutMs: 50 },
    )
    .start('pay')
    .build();
}

const forever = (): Promise<never> => new Promise(() => undefined);

/** A fixture of a run whose charge of 1 was in doubt, as it ended after the decision. */
async function recorded(code: Code, decided: Decided | undefined): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(paying(code), { store, graceMs: 0 });
  expect(await engine.run({}, { runId: 'one' })).toMatchObject({
    status: 'failed',
    error: { code: 'effect-in-doubt' },
  });
  const [doubt] = await effectsInDoubtOf(store, 'one');
  if (decided !== undefined) {
    const decide = { [doubt?.address as string]: decided };
    expect(await engine.resume('one', { decide })).toMatchObject({ status: 'done' });
  }
  const path = await exportRunTo(store, 'one', `${temporaryFolder()}/one.run.jsonl`);
  expect((await replay(paying({ ...code, hangs: 1 }), path)).report.divergences).toEqual([]);
  return path;
}

describe('a changed request of an effect that was in doubt', () => {
  const decisions: readonly (readonly [string, Decided])[] = [
    ['perform it again', 'retry'],
    ['a value', { value: 'paid by hand' }],
  ];
  it.each(decisions)('is named beside the one that it was, where the decision was %s', async (_what, decided) => {
    const path = await recorded({ euros: [1], hangs: 1 }, decided);
    const { report } = await replay(paying({ euros: [2] }), path);
    expect(report.divergences[0]).toMatchObject({
      kind: 'request',
      address: '1.0#1:call:charge',
      path: 'request.euro',
      recorded: 1,
      replayed: 2,
    });
    expect(report.divergences.filter(({ follows }) => follows === undefined)).toHaveLength(1);
    expect(report.uncontrolled).toEqual([]);
    expect(await updateFixture(paying({ euros: [2] }), path)).toMatchObject({ verdict: 'refused' });
  });

  it('is named where nobody has decided, when nobody knows any more what it was', async () => {
    const path = await recorded({ euros: [1], hangs: 1 }, undefined);
    const { report } = await replay(paying({ euros: [2] }), path);
    expect(report.divergences[0]).toMatchObject({ kind: 'missing effect', replayed: { euro: 2, to: 'ana' } });
  });

  it('is told from those that were pending beside it', async () => {
    const path = await recorded({ euros: [3, 1], hangs: 1 }, 'retry');
    expect((await replay(paying({ euros: [3, 1] }), path)).report.divergences).toEqual([]);
    const { report } = await replay(paying({ euros: [3, 2] }), path);
    expect(report.divergences[0]).toMatchObject({ kind: 'request', recorded: 1, replayed: 2 });
  });

  it('is told from one that is new before it', async () => {
    const path = await recorded({ euros: [1], hangs: 1 }, 'retry');
    const { report } = await replay(paying({ euros: [1], checks: true }), path);
    expect(report.divergences[0]).toMatchObject({ kind: 'missing effect', address: '1.0#1:call:check' });
  });
});
