// What a further attempt keeps, where a run was forked, or resumed with `force`.
import { join } from 'node:path';
import { append, createEngine, fields, graph } from 'reprise';
import type { AnyGraph, EffectOptions } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { journalIn, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

/** What an attempt does before it fails, if it fails. */
type Plan = (attempt: number) => 'fails' | 'charges, and fails' | 'charges';

function paying(charges: string[], plan: Plan, options: EffectOptions): AnyGraph {
  return graph('paying', { state: fields({ log: append<string>() }) })
    .node('begin', () => ({ delta: { log: ['begun'] } }))
    .node(
      'pay',
      async (_state, { attempt, effect }) => {
        const planned = plan(attempt);
        if (planned === 'fails') throw new Error('too early');
        const charge = (_amount: number, { idempotencyKey }: { readonly idempotencyKey: string }): string =>
          `paid ${charges.push(idempotencyKey)}`;
        const paid = await effect('charge', 3, charge, options);
        if (planned !== 'charges') throw new Error('no mail');
        return { delta: { log: [paid] } };
      },
      { retry: { attempts: 2, delayMs: 0 } },
    )
    .edge('begin', 'pay')
    .start('begin')
    .build();
}

async function verdictOf(place: Place, built: AnyGraph, id = runId) {
  const path = join(temporaryFolder(), 'run.run.jsonl');
  const store = place();
  await exportRunTo(store, id, path);
  await store.close();
  const { report } = await replay(built, path);
  return { verdict: report.verdict, divergences: report.divergences };
}
const same = { verdict: 'same', divergences: [] };

describe.each(places)('on $name', ({ make }) => {
  describe.each<[string, EffectOptions]>([
    ['an effect', {}],
    ['an effect that happens once', { once: true }],
  ])('%s', (_what, options) => {
    it('that forced code no longer asks for at its place is kept, and stands in the journal again', async () => {
      const charges: string[] = [];
      const whole = make();
      await using first = createEngine(
        paying(charges, () => 'charges', options),
        { store: whole() },
      );
      await first.run({}, { runId, seed: 'seed' });
      const entries = await journalIn(whole);
      const charged = entries.findIndex((entry) => entry.kind === 'effect');
      const place = make();
      await leave(place, entries.slice(0, charged + 1));
      const changed = paying(charges, (attempt) => (attempt === 1 ? 'fails' : 'charges'), options);
      const forced = createEngine(changed, { store: place() });
      expect(await forced.resume(runId, { force: true })).toMatchObject({ state: { log: ['begun', 'paid 1'] } });
      await forced.close();
      expect(charges).toHaveLength(1);
      expect(await verdictOf(place, changed)).toEqual(same);
      const after = await journalIn(place);
      for (let cut = charged + 1; cut < after.length; cut += 1) {
        const left = make();
        await leave(left, after.slice(0, cut));
        const next = createEngine(changed, { store: left() });
        const run = await next.resume(runId, { force: true });
        await next.close();
        expect(run, `behind ${cut}`).toMatchObject({ state: { log: ['begun', 'paid 1'] } });
        expect(charges, `behind ${cut}`).toHaveLength(1);
        expect(await verdictOf(left, changed), `behind ${cut}`).toEqual(same);
      }
    });

    it('of a failed run is asked for anew by a fork, under a key of its own, and kept by the fork', async () => {
      const charges: string[] = [];
      const place = make();
      const failing = paying(charges, () => 'charges, and fails', options);
      await using engine = createEngine(failing, { store: place() });
      expect((await engine.run({}, { runId, seed: 'seed' })).status).toBe('failed');
      expect(charges).toHaveLength(1);
      expect((await engine.fork(runId, { step: 1, runId: 'fork' })).status).toBe('failed');
      expect(new Set(charges).size).toBe(2);
      const mended = paying(charges, () => 'charges', options);
      await using next = createEngine(mended, { store: place() });
      expect(await next.resume('fork')).toMatchObject({ status: 'done', state: { log: ['begun', 'paid 2'] } });
      expect(await next.resume(runId)).toMatchObject({ status: 'done', state: { log: ['begun', 'paid 1'] } });
      expect(charges).toHaveLength(2);
      // The failed attempts stand in the journal.
      const recorded = paying(charges, (attempt) => (attempt < 3 ? 'charges, and fails' : 'charges'), options);
      for (const id of [runId, 'fork']) expect(await verdictOf(place, recorded, id)).toEqual(same);
    });
  });
});
