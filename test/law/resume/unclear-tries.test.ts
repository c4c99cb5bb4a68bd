// Tries whose errors do not say whether the effect happened: a server that honours keys must not do the work twice.
import { append, createEngine, fields, graph } from 'reprise';
import type { AnyGraph, EffectOptions, ResumeOptions } from 'reprise';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { divergencesOf, doubtsIn, journalIn, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
/** What comes before anything that knows of keys: of the network, of a proxy, of what limits and admits. */
const notReached: readonly (readonly [string, () => Error])[] = [
  ['a connection that was never made', () => Object.assign(reset(), { code: 'ECONNREFUSED', syscall: 'connect' })],
  ['a connection that took too long', () => Object.assign(new Error('slow'), { code: 'UND_ERR_CONNECT_TIMEOUT' })],
  ['a rate limit', () => Object.assign(new Error('too many'), { status: 429 })],
  ['a token that has expired', () => Object.assign(new Error('unauthorized'), { status: 401 })],
  ['a server that is being restarted', () => Object.assign(new Error('unavailable'), { statusCode: 503 })],
];
const refusal = (): Error => Object.assign(new Error('card declined'), { status: 402 });

/** A server that honours keys: it charges once for each, and then what is planned becomes of the answer. */
class Bank {
  readonly keys: string[] = [];
  readonly charged = new Map<string, number>();
  readonly plan: readonly ((() => Error) | 'answered')[];

  constructor(...plan: readonly ((() => Error) | 'answered')[]) {
    this.plan = plan;
  }

  charge(key: string): string {
    const planned = this.plan[this.keys.length] ?? 'answered';
    this.keys.push(key);
    if (planned !== 'answered' && !losing(planned)) throw planned();
    const number = this.charged.get(key) ?? this.charged.size + 1;
    this.charged.set(key, number);
    if (planned !== 'answered') throw planned();
    return `charge ${number}`;
  }
}

function losing(planned: () => Error): boolean {
  return planned !== refusal && !notReached.some(([, error]) => error === planned);
}

interface Charging extends EffectOptions {
  readonly tries?: number;
  readonly nodeAttempts?: number;
  readonly failsIn?: readonly number[];
}

function charging(bank: Bank, { tries = 3, nodeAttempts = 1, failsIn = [], ...options }: Charging = {}): AnyGraph {
  return graph('charging', { state: fields({ log: append<string>() }) })
    .node(
      'pay',
      async (_state, { effect, attempt }) => {
        const charge = (_request: unknown, { idempotencyKey }: { readonly idempotencyKey: string }): string =>
          bank.charge(idempotencyKey);
        const paid = await effect('charge', { euro: 44 }, charge, {
          ...options,
          ...(tries === 0 ? {} : { retry: { attempts: tries, delayMs: 1 } }),
        });
        if (failsIn.includes(attempt)) throw new Error('after it');
        return { delta: { log: [paid] } };
      },
      { retry: { attempts: nodeAttempts } },
    )
    .start('pay')
    .build();
}

async function run(place: Place, built: AnyGraph): Promise<unknown> {
  await using engine = createEngine(built, { store: place() });
  return await engine.run({}, { runId, seed: 'seed' });
}

async function resume(place: Place, built: AnyGraph, options: ResumeOptions = {}): Promise<unknown> {
  await using engine = createEngine(built, { store: place() });
  return await engine.resume(runId, options);
}

const errors: readonly (readonly [string, () => Error])[] = [
  ...['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'].map(
    (code) => [code, () => Object.assign(new Error(`it broke: ${code}`), { code })] as const,
  ),
  ['a time limit', () => new DOMException('The operation was aborted due to timeout', 'TimeoutError')],
  ['an abort', () => new DOMException('This operation was aborted', 'AbortError')],
  ['a socket that hung up', () => new Error('socket hang up')],
  ['a fetch that failed, by its cause', () => new TypeError('fetch failed', { cause: reset() })],
  ['an error that says so', () => Object.assign(new Error('the gateway lost it'), { mayHaveHappened: true })],
];

describe.each(places)('on $name', ({ make }) => {
  it.each(errors)('a try after %s has the key of the one before it', async (_what, error) => {
    const place = make();
    const bank = new Bank(error, error);
    const built = charging(bank);
    expect(await run(place, built)).toMatchObject({ status: 'done', state: { log: ['charge 1'] } });
    expect(bank.keys).toHaveLength(3);
    expect(bank.charged.size).toBe(1);
    expect(await divergencesOf(place, built)).toEqual([]);
  });

  it.each<readonly [string, () => Error]>([
    ['an answer that refuses', refusal],
    ['an error that says that it did not happen', () => Object.assign(reset(), { mayHaveHappened: false })],
  ])('a try after %s has a key of its own', async (_what, error) => {
    const place = make();
    const bank = new Bank(error);
    expect(await run(place, charging(bank))).toMatchObject({ status: 'done' });
    expect(new Set(bank.keys).size).toBe(2);
  });

  describe.each(notReached)('%s says nothing of the try before it', (_what, error) => {
    it.each([
      { how: 'the effect', charged: { once: true } },
      { how: 'the node', charged: { once: true, tries: 0, nodeAttempts: 4 } },
      { how: 'the node, not once', charged: { tries: 0, nodeAttempts: 4 } },
    ])('so $how charges once', async ({ charged }) => {
      const place = make();
      const bank = new Bank(reset, error, error);
      const built = charging(bank, { tries: 4, ...charged });
      expect(await run(place, built)).toMatchObject({ status: 'done', state: { log: ['charge 1'] } });
      expect(bank.keys).toHaveLength(4);
      expect(new Set(bank.keys).size).toBe(1);
      expect(await divergencesOf(place, built)).toEqual([]);
    });

    it.each([
      { onDoubt: 'ask' as const, tries: 3 },
      { onDoubt: 'ask' as const, tries: 0, nodeAttempts: 3 },
      { onDoubt: 'fail' as const, tries: 3 },
      { onDoubt: 'fail' as const, tries: 0, nodeAttempts: 3 },
    ])('so it stays in doubt: %o', async (options) => {
      const whole = make();
      const bank = new Bank(reset, error);
      const built = charging(bank, options);
      const open = options.onDoubt === 'ask' ? 'paused' : 'failed';
      expect(await run(whole, built)).toMatchObject({ status: open });
      for (let round = 1; round <= 2; round += 1) {
        expect(bank.keys).toHaveLength(round);
        const [address = '', ...others] = await doubtsIn(whole);
        expect(others).toEqual([]);
        const decided = options.onDoubt === 'ask' ? { answer: 'retry' } : { decide: { [address]: 'retry' as const } };
        const ended = await resume(whole, built, decided);
        expect(ended).toMatchObject({ status: round === 1 ? open : 'done' });
        // Another process knows no more than the journal says.
        if (round === 1) expect(await resume(whole, built)).toMatchObject({ status: open });
      }
      expect(new Set(bank.keys).size).toBe(1);
      expect(await doubtsIn(whole)).toEqual([]);
      expect(await divergencesOf(whole, built)).toEqual([]);
    });
  });

  it('an answer that refuses ends the key that lost tries had', async () => {
    const place = make();
    const bank = new Bank(reset, refusal);
    await run(place, charging(bank));
    const [first, second, third] = bank.keys;
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it.each([0, 2])('a further attempt of the node keeps the key too, with %i tries each', async (tries) => {
    const place = make();
    const bank = new Bank(reset, reset, reset);
    const built = charging(bank, { tries, nodeAttempts: 4 });
    expect(await run(place, built)).toMatchObject({ status: 'done' });
    expect(bank.charged.size).toBe(1);
    expect(await divergencesOf(place, built)).toEqual([]);
  });

  it('a further attempt keeps the try that succeeded after one that was lost', async () => {
    const place = make();
    const bank = new Bank(reset);
    const built = charging(bank, { nodeAttempts: 3, failsIn: [1, 2] });
    expect(await run(place, built)).toMatchObject({ status: 'done', state: { log: ['charge 1'] } });
    expect(bank.keys).toHaveLength(2);
    expect(await divergencesOf(place, built)).toEqual([]);
  });

  it.each<Charging>([{}, { once: true }, { onDoubt: 'fail', once: true }])(
    'a process that dies after any entry sends the same keys: %o',
    async (options) => {
      const whole = make();
      const bank = new Bank(reset, refusal, reset);
      const decides = options.onDoubt === 'fail';
      await run(whole, charging(bank, { ...options, tries: 4 }));
      if (decides) await resume(whole, charging(bank, { ...options, tries: 4 }), { decide: await retryAll(whole) });
      const entries = await journalIn(whole);
      const keys = [...bank.keys];
      for (let cut = 2; cut < entries.length; cut += 1) {
        const place = make();
        const left = entries.slice(0, cut);
        await leave(place, left);
        const again = new Bank(...bank.plan);
        again.keys.push(...keys.slice(0, left.filter(isTry).length));
        const built = charging(again, { ...options, tries: 4 });
        for (let round = 0; round < 4; round += 1) {
          const result = await resume(place, built, { decide: await retryAll(place) });
          if ((result as { readonly status: string }).status === 'done') break;
        }
        expect(again.keys, `after ${cut}`).toEqual(decides ? expect.arrayContaining(keys) : keys);
        expect(new Set(again.keys), `after ${cut}`).toEqual(new Set(keys));
      }
    },
  );

  async function retryAll(place: Place): Promise<Record<string, 'retry'>> {
    return Object.fromEntries((await doubtsIn(place)).map((address) => [address, 'retry' as const]));
  }

  it('a lost try is in doubt and not made again: fail', async () => {
    const place = make();
    const bank = new Bank(reset);
    const built = charging(bank, { onDoubt: 'fail', once: true, nodeAttempts: 3 });
    expect(await run(place, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    for (let round = 0; round < 2; round += 1)
      expect(await resume(place, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    expect(bank.keys).toHaveLength(1);
    expect(await divergencesOf(place, built)).toEqual([]);
    const [address = '', ...others] = await doubtsIn(place);
    expect(others).toEqual([]);
    expect(await resume(place, built, { decide: { [address]: 'retry' } })).toMatchObject({ status: 'done' });
    expect(bank.keys[1]).toBe(bank.keys[0]);
    expect(await doubtsIn(place)).toEqual([]);
    expect(await divergencesOf(place, built)).toEqual([]);
  });

  it('a decision gives the lost try its outcome, and nothing is left in doubt', async () => {
    const place = make();
    const bank = new Bank(reset);
    const built = charging(bank, { onDoubt: 'fail', failsIn: [2] });
    await run(place, built);
    const [address = ''] = await doubtsIn(place);
    const decided = await resume(place, built, { decide: { [address]: { value: 'charge 1' } } });
    expect(decided).toMatchObject({ status: 'failed', error: { cause: { message: 'after it' } } });
    expect(await doubtsIn(place)).toEqual([]);
    expect(await resume(place, built)).toMatchObject({ status: 'done', state: { log: ['charge 1'] } });
    expect(bank.keys).toHaveLength(1);
    expect(await divergencesOf(place, built)).toEqual([]);
  });

  it.each([
    { answer: 'retry', log: 'charge 1', count: 2 },
    { answer: { value: 'found' }, log: 'found', count: 1 },
  ])('a lost try becomes a question: ask, answered by $answer', async ({ answer, log, count }) => {
    const place = make();
    const bank = new Bank(reset);
    const built = charging(bank, { onDoubt: 'ask' });
    expect(await run(place, built)).toMatchObject({ status: 'paused', questions: [{ node: 'pay' }] });
    expect(await resume(place, built, { answer })).toMatchObject({ status: 'done', state: { log: [log] } });
    expect(bank.keys).toHaveLength(count);
    expect(bank.charged.size).toBe(1);
    expect(await divergencesOf(place, built)).toEqual([]);
  });

  it.each([
    [{}, 503],
    [{ onDoubt: 'fail' }, 429],
  ] satisfies [Charging, number][])('with %j, a try after an answer %i keeps the key', async (options, status) => {
    const place = make();
    const bank = new Bank(() => Object.assign(new Error('unavailable'), { status }));
    expect(await run(place, charging(bank, options))).toMatchObject({ status: 'done' });
    expect(bank.charged.size).toBe(1);
  });

  it('a further attempt that asks for another amount is told what may have happened', async () => {
    const place = make();
    const bank = new Bank(reset, reset);
    let euro = 44;
    const built = graph('charging', { state: fields({ log: append<string>() }) })
      .node('pay', async (_state, { effect }) => {
        const perform = (_request: unknown, { idempotencyKey }: { readonly idempotencyKey: string }): string =>
          bank.charge(idempotencyKey);
        const paid = await effect('charge', { euro }, perform, { once: true, retry: { attempts: 2 } });
        return { delta: { log: [paid] } };
      })
      .start('pay')
      .build();
    await run(place, built);
    euro = 4400;
    expect(await resume(place, built)).toMatchObject({
      status: 'failed',
      error: { code: 'once-changed', message: expect.stringContaining('request.euro was 44, and is 4400') },
    });
    expect(bank.keys).toHaveLength(2);
  });

  it('an effect that is lost without a retry policy is in doubt for the next attempt', async () => {
    const place = make();
    const bank = new Bank(reset);
    const built = charging(bank, { tries: 0, onDoubt: 'fail', nodeAttempts: 3 });
    expect(await run(place, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    expect(bank.keys).toHaveLength(1);
    expect(await divergencesOf(place, built)).toEqual([]);
  });
});

/** One that was answered, or was lost and then decided to be made again. */
function isTry(entry: Entry): boolean {
  if (entry.kind === 'note')
    return entry.observed.decides !== undefined && entry.observed.decides.decided === undefined;
  return entry.kind === 'effect' && entry.type === 'call';
}
