// Effects of which nobody knows whether they happened, where nothing would perform them again: no retry, no `onError` and no
// `catch` of the node passes one whose policy is `fail` or `ask`.
import { append, createEngine, failure, fields, graph } from 'reprise';
import type { AnyGraph, ResumeOptions } from 'reprise';
import { describe, expect, it } from 'vitest';
import { divergencesOf, doubtsIn, journalIn, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

const loses = {
  'a broken connection': (): never => {
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  },
  'an error that says so': (): never => {
    throw Object.assign(new Error('the gateway lost it'), { mayHaveHappened: true });
  },
  'an answer of a server that may have done it': (): never => {
    throw Object.assign(new Error('the bank says 504'), { status: 504 });
  },
  'an answer that it is under way': (): never => {
    throw Object.assign(new Error('the bank says 409'), { cause: Object.assign(new Error('no'), { statusCode: 409 }) });
  },
  'a timeout of its node': (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
};

interface Case {
  readonly onDoubt: 'fail' | 'ask';
  readonly how: keyof typeof loses;
  readonly retried: 'nothing' | 'the node' | 'the effect';
  readonly handled: boolean;
}

const cases: readonly Case[] = (['fail', 'ask'] as const).flatMap((onDoubt) =>
  (Object.keys(loses) as (keyof typeof loses)[]).flatMap((how) =>
    (['nothing', 'the node', 'the effect'] as const).flatMap((retried) =>
      [false, true].map((handled) => ({ onDoubt, how, retried, handled })),
    ),
  ),
);

interface Seen {
  readonly keys: string[];
  readonly caught: string[];
}

/** The first call is lost. */
function paying({ onDoubt, how, retried, handled }: Case, seen: Seen, lostCalls = 1, lose = loses[how]): AnyGraph {
  const attempts = { attempts: 3, delayMs: 1 };
  return graph('paying', { state: fields({ log: append<string>() }), inputs: { sorry: failure() } })
    .node(
      'pay',
      async (_state, { effect }) => {
        const perform = async (
          _request: unknown,
          { idempotencyKey, signal }: { readonly idempotencyKey: string; readonly signal: AbortSignal },
        ): Promise<string> => {
          seen.keys.push(idempotencyKey);
          if (seen.keys.length <= lostCalls) await lose(signal);
          return 'paid';
        };
        try {
          const again = retried === 'the effect' ? { retry: attempts } : {};
          return { delta: { log: [await effect('wire', { euro: 44 }, perform, { onDoubt, ...again })] } };
        } catch (thrown) {
          seen.caught.push((thrown as Error).message);
          return { delta: { log: ['swallowed'] } };
        }
      },
      {
        ...(how === 'a timeout of its node' ? { timeoutMs: 300 } : {}),
        ...(retried === 'the node' ? { retry: attempts } : {}),
        ...(handled ? { onError: 'sorry' as const } : {}),
      },
    )
    .node('sorry', () => ({ delta: { log: ['told: no refund'] } }))
    .start('pay')
    .build();
}

async function resume(place: Place, built: AnyGraph, options: ResumeOptions = {}): Promise<{ status: string }> {
  await using engine = createEngine(built, { store: place(), graceMs: 0 });
  return await engine.resume(runId, options);
}

describe.each(places)('on $name', ({ make }) => {
  it.each(cases)('is not passed: $onDoubt, $how, retried: $retried, onError: $handled', async (given) => {
    const place = make();
    const seen: Seen = { keys: [], caught: [] };
    const built = paying(given, seen);
    const engine = createEngine(built, { store: place(), graceMs: 0 });
    const run = await engine.run({}, { runId });
    await engine.close();
    // Once its time is over, an attempt that is followed by no other asks nobody.
    const asks = given.onDoubt === 'ask' && (given.how !== 'a timeout of its node' || given.retried === 'the node');
    if (asks) expect(run).toMatchObject({ status: 'paused', questions: [{ node: 'pay' }] });
    else expect(run).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    expect(seen.keys).toHaveLength(1);
    expect(seen.caught.filter((message) => !message.includes('in doubt') && !message.includes('took longer'))).toEqual(
      [],
    );
    const [address = '', ...others] = await doubtsIn(place);
    expect(others).toEqual([]);
    if (!asks) expect(await divergencesOf(place, built)).toEqual([]);
    if (given.onDoubt === 'fail') expect(await resume(place, built)).toMatchObject({ status: 'failed' });
    else expect(await resume(place, built)).toMatchObject({ status: 'paused' });
    expect(seen.keys).toHaveLength(1);
    const decided = given.onDoubt === 'fail' ? { decide: { [address]: 'retry' } } : { answer: 'retry' };
    const ended = await resume(place, built, decided as ResumeOptions);
    expect(ended).toMatchObject({ status: 'done', state: { log: ['paid'] } });
    expect(seen.keys).toHaveLength(2);
    expect(new Set(seen.keys).size).toBe(1);
    expect(await doubtsIn(place)).toEqual([]);
    expect(await divergencesOf(place, built)).toEqual([]);
  });

  it.each(cases.filter(({ handled, retried }) => handled && retried !== 'the effect'))(
    'is performed once for each decision, wherever its process dies: $onDoubt, $how, retried: $retried',
    async (given) => {
      const whole = make();
      const seen: Seen = { keys: [], caught: [] };
      const first = createEngine(paying(given, seen), { store: whole(), graceMs: 0 });
      await first.run({}, { runId });
      await first.close();
      const entries = await journalIn(whole);
      for (let cut = 2; cut <= entries.length; cut += 1) {
        const place = make();
        const left = entries.slice(0, cut);
        await leave(place, left);
        const began = left.some((entry) => entry.kind === 'begin' && entry.type === 'call');
        const again: Seen = { keys: began ? [''] : [], caught: [] };
        const built = paying(given, again);
        let run = await resume(place, built);
        // After another loss somebody has to decide, whatever the process before knew.
        expect(run.status, `after ${cut}`).toMatch(/failed|paused/);
        expect(again.keys, `after ${cut}`).toHaveLength(1);
        run = await resume(place, built);
        const [address = ''] = await doubtsIn(place);
        const decided = given.onDoubt === 'fail' ? { decide: { [address]: 'retry' } } : { answer: 'retry' };
        run = await resume(place, built, decided as ResumeOptions);
        expect(run, `after ${cut}`).toMatchObject({ status: 'done', state: { log: ['paid'] } });
        expect(again.keys, `after ${cut}`).toHaveLength(2);
      }
    },
  );

  it.each([
    ['says that it did not happen', { status: 503, mayHaveHappened: false }],
    ['stands before all that knows of it', { status: 429 }],
    ['refuses it', { status: 402 }],
  ])('an answer that %s is an error of the node: nobody has to decide', async (_what, fields) => {
    const place = make();
    const seen: Seen = { keys: [], caught: [] };
    const refuse = (): never => {
      throw Object.assign(new Error('no'), fields);
    };
    const given: Case = { onDoubt: 'fail', how: 'a broken connection', retried: 'nothing', handled: false };
    const built = paying(given, seen, 1, refuse);
    const engine = createEngine(built, { store: place() });
    expect(await engine.run({}, { runId })).toMatchObject({ status: 'done', state: { log: ['swallowed'] } });
    await engine.close();
    expect(await doubtsIn(place)).toEqual([]);
  });

  it('an error that somebody decides on is one that the node may handle', async () => {
    const given: Case = { onDoubt: 'ask', how: 'a broken connection', retried: 'nothing', handled: true };
    const place = make();
    const seen: Seen = { keys: [], caught: [] };
    const built = paying(given, seen);
    const engine = createEngine(built, { store: place() });
    expect(await engine.run({}, { runId })).toMatchObject({ status: 'paused' });
    await engine.close();
    // Also one that reads as if its connection had been lost.
    const run = await resume(place, built, { answer: { error: 'socket hang up' } });
    expect(run).toMatchObject({ status: 'done', state: { log: ['swallowed'] } });
    expect(seen.keys).toHaveLength(1);
    expect(await doubtsIn(place)).toEqual([]);
  });
});
