// A process that has slept past its lease performs nothing that another process may have performed meanwhile.
import { append, fields, graph } from 'reprise';
import { expect, it } from 'vitest';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { engineAt, journalIn, places, runId } from './going-on.ts';

const leaseMs = 30_000;

const kinds = [
  ['where nothing is to be written', false],
  ['where the beginning of the effect is to be written', true],
] as const;

const cases = places.flatMap((place) => kinds.map(([what, once]) => ({ ...place, what, once })));

/** Waits for work of its own before it charges. */
function charging(charged: string[], once: boolean) {
  const work: PromiseWithResolvers<void>[] = [];
  const built = graph('charging', { state: fields({ log: append<string>() }) })
    .node('charge', async (_state, { effect }) => {
      const own = Promise.withResolvers<void>();
      work.push(own);
      await own.promise;
      const charge = (_request: number, { idempotencyKey }: { readonly idempotencyKey: string }): string => {
        charged.push(idempotencyKey);
        return 'charged';
      };
      return { delta: { log: [await effect('charge', 1, charge, { once })] } };
    })
    .start('charge')
    .build();
  return { built, work };
}

it.each(cases)('$name: a run that another process has finished is left alone, $what', async ({ make, once }) => {
  const place = make();
  const charged: string[] = [];
  const { built, work } = charging(charged, once);
  const asleep = new ManualClock(1_000);
  const first = engineAt(built, place(), asleep);
  const lost = first.run({}, { runId, seed: 'seed' }).catch((thrown: unknown) => thrown);
  while (work.length === 0) await settled();
  const awake = new ManualClock(1_000 + leaseMs);
  const second = engineAt(built, place(), awake);
  const taken = second.resume(runId);
  while (work.length === 1) await settled();
  work[1]?.resolve();
  expect(await awake.until(taken)).toMatchObject({ status: 'done' });
  // No timer of the first process has fired: its node comes first when it wakes up.
  asleep.jump(leaseMs + 1);
  work[0]?.resolve();
  expect(await asleep.until(lost)).toMatchObject({ code: 'lease-lost' });
  expect(charged).toHaveLength(1);
  await first.close();
  await second.close();
});

it.each(cases)('$name: a run that nobody has taken is driven on, $what', async ({ make, once }) => {
  const place = make();
  const charged: string[] = [];
  const { built, work } = charging(charged, once);
  const clock = new ManualClock(1_000);
  const engine = engineAt(built, place(), clock);
  const running = engine.run({}, { runId, seed: 'seed' });
  while (work.length === 0) await settled();
  clock.jump(leaseMs + 1);
  work[0]?.resolve();
  expect(await clock.until(running)).toMatchObject({ status: 'done', state: { log: ['charged'] } });
  expect(charged).toHaveLength(1);
  await engine.close();
  expect((await journalIn(place)).at(-1)).toMatchObject({ kind: 'end', end: { status: 'done' } });
});

it.each(places)('$name: a lease that was claimed again says nothing about a run that was taken', async ({ make }) => {
  const place = make();
  const charged: string[] = [];
  const { built, work } = charging(charged, false);
  const asleep = new ManualClock(1_000);
  const first = engineAt(built, place(), asleep);
  const lost = first.run({}, { runId, seed: 'seed' }).catch((thrown: unknown) => thrown);
  while (work.length === 0) await settled();
  const awake = new ManualClock(1_000 + leaseMs);
  const second = engineAt(built, place(), awake);
  const taken = second.resume(runId);
  while (work.length === 1) await settled();
  work[1]?.resolve();
  await awake.until(taken);
  // The look at the store comes first, and claims the lease.
  await asleep.advance(leaseMs + 1);
  work[0]?.resolve();
  expect(await asleep.until(lost)).toMatchObject({ code: 'lease-lost' });
  expect(charged).toHaveLength(1);
  await first.close();
  await second.close();
});
