// Effects that may or may not have happened, and effects that must not happen twice.
import { answerStoredRun, append, createEngine, fields, graph, openQuestionsOf } from 'reprise';
import type { AnyGraph, ResumeOptions } from 'reprise';
import { describe, expect, it } from 'vitest';
import { settled } from '../../support/manual-clock.ts';
import { journalIn, keysOf, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

type OnDoubt = 'retry' | 'fail' | 'ask';

/** Pays, and reports the result. Performed payments are recorded by idempotency key. */
function paying(onDoubt: OnDoubt, perform: (key: string) => unknown): AnyGraph {
  return graph('paying', { state: fields({ log: append<string>() }) })
    .node('pay', async (_state, { effect }) => {
      try {
        const paid = await effect('pay', { amount: 3 }, (_request, { idempotencyKey }) => perform(idempotencyKey), {
          onDoubt,
          once: onDoubt === 'retry',
        });
        return { delta: { log: [`paid ${String(paid)}`] } };
      } catch (thrown) {
        return { delta: { log: [String((thrown as { readonly code?: unknown }).code ?? (thrown as Error).message)] } };
      }
    })
    .start('pay')
    .build();
}

/** Kills a process during its payment, and returns the idempotency key it used. */
async function killedWhilePaying(make: () => Place, place: Place, onDoubt: OnDoubt): Promise<string> {
  const whole = make();
  const began = Promise.withResolvers<string>();
  const store = whole();
  const engine = createEngine(
    paying(onDoubt, (key) => {
      began.resolve(key);
      return new Promise(() => undefined);
    }),
    { store, graceMs: 0 },
  );
  const running = engine.run({}, { runId, seed: 'seed' });
  const key = await began.promise;
  const entries = await journalIn(whole);
  expect(entries.map(({ kind }) => kind)).toEqual(['run', 'commit', 'begin']);
  await leave(place, entries);
  await engine.close();
  await running;
  return key;
}

describe.each(places)('on $name', ({ make }) => {
  async function resume(place: Place, built: AnyGraph, options: ResumeOptions = {}) {
    await using engine = createEngine(built, { store: place() });
    return await engine.resume(runId, options);
  }

  it('counts as in doubt if a call came back with what no journal can hold', async () => {
    const place = make();
    let paidCount = 0;
    const charging = (receipt: () => unknown) =>
      graph('charging', { state: fields({ log: append<unknown>() }) })
        .node('pay', async (_state, { effect }) => {
          const charge = (): never => {
            paidCount += 1;
            return receipt() as never;
          };
          return { delta: { log: [await effect('pay', { amount: 3 }, charge, { once: true, onDoubt: 'fail' })] } };
        })
        .start('pay')
        .build();
    await using engine = createEngine(
      charging(() => () => 'a function'),
      { store: place() },
    );
    await expect(engine.run({}, { runId })).resolves.toMatchObject({ status: 'failed', error: { code: 'unstorable' } });
    await engine.close();
    const mended = charging(() => 'a receipt');
    const undecided = await resume(place, mended);
    expect(undecided).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    const decide = { '1.0#1:call:pay~6d47010': { value: 'what the bank says' } };
    await expect(resume(place, mended, { decide })).resolves.toMatchObject({ state: { log: ['what the bank says'] } });
    expect(paidCount).toBe(1);
  });

  describe('an effect in doubt after a kill', () => {
    it('is performed again with the same key: retry', async () => {
      const place = make();
      const key = await killedWhilePaying(make, place, 'retry');
      const keys: string[] = [];
      const built = paying('retry', (given) => keys.push(given));
      expect(await resume(place, built)).toMatchObject({ status: 'done', state: { log: ['paid 1'] } });
      expect(keys).toEqual([key]);
      expect(keysOf(await journalIn(place), 'begin')).toEqual(['1.0#1']);
    });

    it('fails the run, and neither the node nor a plain resume passes it: fail', async () => {
      const place = make();
      await killedWhilePaying(make, place, 'fail');
      const keys: string[] = [];
      const built = paying('fail', (given) => keys.push(given));
      for (let round = 1; round <= 3; round += 1) {
        expect(await resume(place, built)).toMatchObject({
          status: 'failed',
          error: { code: 'effect-in-doubt', fields: { name: 'pay', task: '1.0' } },
          state: { log: [] },
        });
      }
      expect(keys).toEqual([]);
    });

    it.each([
      { answer: 'retry', log: ['paid 1'], count: 1 },
      { answer: { value: 'once' }, log: ['paid once'], count: 0 },
      { answer: { error: 'the bank says no' }, log: ['the bank says no'], count: 0 },
    ])('becomes a question to a person: ask, answered by $answer', async ({ answer, log, count }) => {
      const place = make();
      const key = await killedWhilePaying(make, place, 'ask');
      const keys: string[] = [];
      const built = paying('ask', (given) => keys.push(given));
      const paused = await resume(place, built);
      expect(paused).toMatchObject({
        status: 'paused',
        questions: [{ key: '1.0:in-doubt pay', node: 'pay', question: { request: { amount: 3 } } }],
      });
      await expect(resume(place, built, { answer: 'perhaps' })).rejects.toMatchObject({ code: 'answer-invalid' });
      expect(keys).toEqual([]);
      expect(await resume(place, built, { answer })).toMatchObject({ status: 'done', state: { log } });
      expect(keys).toEqual(Array.from({ length: count }, () => key));
    });
  });

  it.each([
    'perhaps',
    true,
    {},
    { decision: 'retry' },
    { value: 1, error: 'no' },
    { value: 1, note: 'by phone' },
    { error: 7 },
  ])('an answer that is no decision is refused before it is sent, and the question stays open: %j', async (answer) => {
    const place = make();
    await killedWhilePaying(make, place, 'ask');
    const keys: string[] = [];
    const built = paying('ask', (given) => keys.push(given));
    await resume(place, built);
    const store = place();
    const refused = { code: 'answer-invalid', nextStep: expect.stringContaining('"retry"') };
    await expect(answerStoredRun(store, runId, undefined, answer)).rejects.toMatchObject(refused);
    await expect(answerStoredRun(store, runId, '1.0:in-doubt pay', answer)).rejects.toMatchObject(refused);
    expect((await store.inbox(runId)).messages).toEqual([]);
    expect(await openQuestionsOf(store, runId)).toMatchObject([{ key: '1.0:in-doubt pay' }]);
    await store.close();
    await using engine = createEngine(built, { store: place() });
    await expect(engine.answer(runId, undefined, answer)).rejects.toMatchObject(refused);
    await expect(engine.resume(runId, { answers: { '1.0:in-doubt pay': answer } })).rejects.toMatchObject(refused);
    await engine.answer(runId, undefined, { value: 'by hand' });
    expect(await engine.resume(runId)).toMatchObject({ status: 'done', state: { log: ['paid by hand'] } });
    expect(keys).toEqual([]);
  });

  describe('an effect that happens once', () => {
    function booking(performed: string[], seats: (attempt: number) => readonly string[]): AnyGraph {
      return graph('booking', { state: fields({ log: append<string>() }) })
        .node(
          'book',
          async (_state, { effect, attempt }) => {
            const booked: string[] = [];
            for (const seat of seats(attempt)) {
              const perform = (): string => {
                performed.push(`${seat} in ${attempt}`);
                if (seat === 'full' && attempt === 1) throw new Error('no seat');
                return `${seat} of ${attempt}`;
              };
              booked.push(await effect('book', seat, perform, { once: true }));
            }
            const tell = (): string => {
              performed.push(`told in ${attempt}`);
              return 'told';
            };
            booked.push(await effect('tell', booked, tell));
            if (attempt === 1) throw new Error('fails behind it');
            return { delta: { log: booked } };
          },
          { retry: { attempts: 2 } },
        )
        .start('book')
        .build();
    }

    it('is answered in a further attempt with its result', async () => {
      const place = make();
      const performed: string[] = [];
      await using engine = createEngine(
        booking(performed, () => ['left', 'right']),
        { store: place() },
      );
      expect(await engine.run({}, { runId })).toMatchObject({
        status: 'done',
        state: { log: ['left of 1', 'right of 1', 'told'] },
      });
      expect(performed).toEqual(['left in 1', 'right in 1', 'told in 1']);
    });

    it('is so after every entry at which the process may die', async () => {
      const whole = make();
      const performed: string[] = [];
      const built = booking(performed, () => ['left', 'full', 'right']);
      const engine = createEngine(built, { store: whole() });
      await engine.run({}, { runId });
      await engine.close();
      const all = ['left in 1', 'full in 1', 'full in 2', 'right in 2', 'told in 2'];
      expect(performed).toEqual(all);
      const entries = await journalIn(whole);
      for (let cut = 2; cut < entries.length; cut += 1) {
        const place = make();
        await leave(place, entries.slice(0, cut));
        performed.length = 0;
        const run = await resume(place, built);
        expect(run, `behind ${cut}`).toMatchObject({
          state: { log: ['left of 1', 'full of 2', 'right of 2', 'told'] },
        });
        const known = entries.slice(0, cut).filter(({ kind }) => kind === 'effect').length;
        expect(performed, `behind ${cut}`).toEqual(all.slice(known));
      }
    });

    it('may not be requested with different arguments', async () => {
      const place = make();
      const performed: string[] = [];
      await using engine = createEngine(
        booking(performed, (attempt) => [`seat ${attempt}`]),
        { store: place() },
      );
      expect(await engine.run({}, { runId })).toMatchObject({
        status: 'failed',
        error: {
          code: 'once-changed',
          message: '1.0#2:call:book happened once already, with another request: request was "seat 1", and is "seat 2"',
          nextStep: expect.stringContaining('the same request in every attempt'),
          fields: { path: 'request', recorded: 'seat 1', asked: 'seat 2' },
        },
      });
      expect(performed).toEqual(['seat 1 in 1', 'told in 1']);
    });

    it.each([{ once: true }, { once: false }])(
      'is sent again under its old key if it timed out: %o',
      async ({ once }) => {
        const place = make();
        const calls: string[] = [];
        const built = graph('slow', { state: fields({ log: append<string>() }) })
          .node(
            'pay',
            async (_state, { effect, attempt }) => {
              const perform = (_request: number, { idempotencyKey }: { readonly idempotencyKey: string }): unknown => {
                calls.push(idempotencyKey);
                return attempt === 1 ? new Promise(() => undefined) : 'paid';
              };
              const paid = await effect('pay', 3, perform, { once });
              return { delta: { log: [String(paid)] } };
            },
            { retry: { attempts: 2 }, timeoutMs: 20 },
          )
          .start('pay')
          .build();
        await using engine = createEngine(built, { store: place(), graceMs: 0 });
        expect(await engine.run({}, { runId })).toMatchObject({ status: 'done', state: { log: ['paid'] } });
        expect(calls.length).toBe(2);
        expect(calls[0]).toBe(calls[1]);
        await settled();
      },
    );
  });
});
