// If an attempt is resumed with code that does something else, nothing of that is kept.
import { fields, graph, memoryStore, text } from 'reprise';
import { expect, it } from 'vitest';
import { aborted } from '../../support/aborted.ts';
import { collected } from '../../support/journals.ts';
import { ManualClock, nextTurn, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { asDurable, runId } from './prefix-run.ts';

/** How long an attempt may do nothing before what it has not asked for again counts as not asked for. */
const restMs = 1_000;

it.each(['effect', 'step'] as const)(
  'what it emits and yields before it diverges is not written, at level %s',
  async (durability) => {
    let life: 'first' | 'wrong' | 'right' = 'first';
    const writer = graph('writer', { state: fields({ answer: text() }) })
      .node('write', async function* (_state, { effect, emit, stream, signal }) {
        if (life === 'wrong') {
          emit('told', 'wrong');
          yield { answer: 'wrong' };
          stream({ answer: 'wrong' });
          await nextTurn();
          await effect('another', 1, () => 1);
        }
        await effect('asked', 1, () => 1);
        if (life === 'first') await aborted(signal);
        emit('told', 'right');
        yield { answer: 'right' };
      })
      .start('write')
      .build();
    const clock = new ManualClock();
    const store = asDurable(memoryStore({ now: () => clock.now() }));
    const first = testEngine(writer, { store, clock }, { durability });
    const begun = first.run({ answer: '' }, { runId });
    await settled();
    await first.close();
    await begun;
    const before = await collected(store.read(runId));

    life = 'wrong';
    const second = testEngine(writer, { store, clock }, { durability });
    const resumed = expect(second.resume(runId, {})).rejects.toMatchObject({ code: 'resume-diverged' });
    await clock.advance(restMs);
    await resumed;
    await second.close();
    expect(await collected(store.read(runId))).toEqual(before);

    life = 'right';
    const third = testEngine(writer, { store, clock }, { durability });
    expect(await third.resume(runId, {})).toMatchObject({ status: 'done', state: { answer: 'right' } });
    await third.close();
    const told = (await collected(store.read(runId))).flatMap((entry) => (entry.kind === 'event' ? [entry.data] : []));
    expect(told).toEqual(['right']);
  },
);

it('what comes before the last journaled effect is requested again is written then, in order', async () => {
  let isFirst = true;
  const writer = graph('writer', { state: fields({ answer: text() }) })
    .node('write', async function* (_state, { effect, emit, signal }) {
      const asked = effect('asked', 1, () => 1);
      if (!isFirst) {
        // Emitted while the journal still holds an effect that was not requested again.
        emit('told', 'early');
        yield { answer: 'a' };
      }
      await asked;
      await effect('second', 2, () => 2);
      if (isFirst) await aborted(signal);
      yield { answer: 'b' };
    })
    .start('write')
    .build();
  const clock = new ManualClock();
  const store = asDurable(memoryStore({ now: () => clock.now() }));
  const first = testEngine(writer, { store, clock });
  const begun = first.run({ answer: '' }, { runId });
  await settled();
  await first.close();
  await begun;
  isFirst = false;
  const second = testEngine(writer, { store, clock });
  expect(await second.resume(runId, {})).toMatchObject({ status: 'done', state: { answer: 'ab' } });
  const seen: string[] = [];
  for await (const item of second.read(runId, {}))
    if (item.kind === 'chunk') seen.push((item.chunk as unknown as { readonly answer: string }).answer);
  expect(seen).toEqual(['a', 'b']);
  await second.close();
});

it('chunks of a resumable node that its graph no longer accepts fail the attempt, and the run still ends', async () => {
  const graphOf = (isOld: boolean) =>
    graph('writer', { state: isOld ? fields({ answer: text(), more: text() }) : (fields({ answer: text() }) as never) })
      .node(
        'write',
        async function* (_state, { resumed, signal }) {
          yield (isOld ? { more: 'x' } : { answer: `${resumed.length}` }) as never;
          if (isOld) await aborted(signal);
        },
        { resumable: true },
      )
      .start('write')
      .build();
  const clock = new ManualClock();
  const store = asDurable(memoryStore({ now: () => clock.now() }));
  const first = testEngine(graphOf(true), { store, clock });
  const begun = first.run({ answer: '', more: '' } as never, { runId });
  await settled();
  await first.close();
  await begun;
  const second = testEngine(graphOf(false), { store, clock });
  expect(await second.resume(runId, { force: true })).toMatchObject({
    status: 'failed',
    error: { code: 'node-output-invalid' },
  });
  expect((await store.find(runId))?.status).toBe('failed');
  await second.close();
});

it.each([true, false])(
  'says what `force` does about what was renamed, and what was performed before: once %s',
  async (once) => {
    let name = 'charge';
    const performed: string[] = [];
    const pay = graph('pay', { state: fields({ answer: text() }) })
      .node('pay', async (_state, { effect, signal }) => {
        await effect(name, 1, () => performed.push(name), { once });
        if (name === 'charge') await aborted(signal);
      })
      .start('pay')
      .build();
    const clock = new ManualClock();
    const store = asDurable(memoryStore());
    const first = testEngine(pay, { store, clock });
    const begun = first.run({ answer: '' }, { runId });
    await settled();
    await first.close();
    await begun;
    name = 'pay.charge';
    const second = testEngine(pay, { store, clock });
    const next = once
      ? 'Resume it with the code that began it. 1.0#1:call:charge, which is marked `once`, was performed before. With `force`, 1.0#1:call:pay.charge is performed in its place if it may happen twice; if it must not, the code has to ask for the other one as well.'
      : 'Resume it with the code that began it, or accept what it does now with `force`: 1.0#1:call:pay.charge is performed then.';
    const refused = expect(second.resume(runId, {})).rejects.toMatchObject({ code: 'resume-diverged', nextStep: next });
    await clock.advance(restMs);
    await refused;
    expect(performed).toEqual(['charge']);
    const forced = clock.until(second.resume(runId, { force: true }), restMs);
    if (once) await expect(forced).rejects.toMatchObject({ code: 'resume-diverged' });
    else expect(await forced).toMatchObject({ status: 'done' });
    expect(performed).toEqual(once ? ['charge'] : ['charge', 'pay.charge']);
    await second.close();
  },
);
