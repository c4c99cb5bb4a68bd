// The tries of one effect: what the journal holds of them, their keys, and how long they wait.
import { join } from 'node:path';
import { append, createEngine, fields, graph } from 'reprise';
import type { AnyGraph, RetryPolicy } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import type { EffectEntry, Entry } from '../../../src/journal/entry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { engineAt, journalIn, leave, places, runId } from './going-on.ts';

interface Call {
  readonly attempt: number;
  readonly key: string;
}

/** Refuses the first so many calls, each with an error that the test makes. */
class Outside {
  readonly calls: Call[] = [];
  readonly refusals: number;
  readonly error: () => Error;

  constructor(refusals: number, error = () => new Error('busy')) {
    this.refusals = refusals;
    this.error = error;
  }

  answer(call: Call): string {
    this.calls.push(call);
    if (this.calls.length <= this.refusals) throw this.error();
    return `call ${this.calls.length}`;
  }
}

function charging(
  outside: { answer(call: Call): unknown },
  retry: RetryPolicy,
  { attempts = 1, fails = [] as readonly number[], once = false, timeoutMs = undefined as number | undefined } = {},
): AnyGraph {
  return graph('charging', { state: fields({ log: append<string>() }) })
    .node(
      'pay',
      async (_state, { effect, attempt }) => {
        const log = await effect(
          'charge',
          { euro: 1 },
          async (_request, { idempotencyKey }) => outside.answer({ attempt, key: idempotencyKey }) as string,
          { retry, once },
        );
        if (fails.includes(attempt)) throw new Error('behind it');
        return { delta: { log: [log] } };
      },
      { retry: { attempts }, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    )
    .start('pay')
    .build();
}

const effectsOf = (entries: readonly Entry[]): readonly EffectEntry[] =>
  entries.filter((entry) => entry.kind === 'effect');

describe.each(places)('on $name', ({ make }) => {
  it('each try and each wait is an entry of its own, and a replay waits for nothing', async () => {
    const place = make();
    const outside = new Outside(2);
    const built = charging(outside, { attempts: 3, delayMs: 5 });
    const store = place();
    await using engine = createEngine(built, { store });
    expect(await engine.run({}, { runId })).toMatchObject({ status: 'done', state: { log: ['call 3'] } });
    const entries = effectsOf(await journalIn(place));
    expect(
      entries.map(({ task, type, name, request, occurrence, outcome }) => [
        task,
        type,
        name,
        request,
        occurrence,
        outcome.kind,
      ]),
    ).toEqual([
      ['charge#0', 'call', 'charge', { euro: 1 }, 0, 'error'],
      ['charge#0', 'sleep', 'retry', 5, 0, 'value'],
      ['charge#0', 'call', 'charge', { euro: 1 }, 1, 'error'],
      ['charge#0', 'sleep', 'retry', 10, 0, 'value'],
      ['charge#0', 'call', 'charge', { euro: 1 }, 2, 'value'],
    ]);
    expect(new Set(outside.calls.map(({ key }) => key)).size).toBe(3);
    const path = join(temporaryFolder(), 'run.run.jsonl');
    await exportRunTo(store, runId, path);
    expect((await replay(built, path)).report.divergences).toEqual([]);
    expect(outside.calls).toHaveLength(3);
  });

  it('the node gets the last error, and a policy may say which errors are worth a try', async () => {
    const place = make();
    const outside = new Outside(9, () => new Error('no such card'));
    const built = charging(outside, { attempts: 3, when: (error) => !(error as Error).message.includes('card') });
    await using engine = createEngine(built, { store: place() });
    expect(await engine.run({}, { runId })).toMatchObject({
      status: 'failed',
      error: { cause: { message: 'no such card' } },
    });
    expect(outside.calls).toHaveLength(1);
  });

  it('a process that dies after any entry continues with the try that it was at, under its key', async () => {
    const whole = make();
    const outside = new Outside(2);
    const built = charging(outside, { attempts: 3, delayMs: 1 });
    const engine = createEngine(built, { store: whole() });
    await engine.run({}, { runId, seed: 'seed' });
    await engine.close();
    const entries = await journalIn(whole);
    const all = [...outside.calls];
    for (let cut = 2; cut < entries.length; cut += 1) {
      const place = make();
      await leave(place, entries.slice(0, cut));
      const tried = effectsOf(entries.slice(0, cut)).filter(({ type }) => type === 'call').length;
      outside.calls.length = tried;
      const again = createEngine(built, { store: place() });
      expect(await again.resume(runId), `behind ${cut}`).toMatchObject({ status: 'done', state: { log: ['call 3'] } });
      await again.close();
      expect(outside.calls.slice(tried), `behind ${cut}`).toEqual(all.slice(tried));
      outside.calls.splice(0, outside.calls.length, ...all);
    }
  });

  it.each([{ once: true }, { once: false }])('a further attempt keeps the try that succeeded: %o', async ({ once }) => {
    const place = make();
    const outside = new Outside(1);
    const built = charging(outside, { attempts: 2 }, { attempts: 3, fails: [1, 2], once });
    const store = place();
    await using engine = createEngine(built, { store });
    expect(await engine.run({}, { runId })).toMatchObject({ status: 'done', state: { log: ['call 2'] } });
    expect(outside.calls).toHaveLength(2);
    const path = join(temporaryFolder(), 'run.run.jsonl');
    await exportRunTo(store, runId, path);
    expect((await replay(built, path)).report.divergences).toEqual([]);
  });

  it('a further attempt has as many tries again, and each its own key', async () => {
    const place = make();
    const outside = new Outside(3);
    const built = charging(outside, { attempts: 2 }, { attempts: 2 });
    const store = place();
    await using engine = createEngine(built, { store });
    expect(await engine.run({}, { runId })).toMatchObject({ status: 'done', state: { log: ['call 4'] } });
    expect(outside.calls.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 2]);
    expect(new Set(outside.calls.map(({ key }) => key)).size).toBe(4);
    const path = join(temporaryFolder(), 'run.run.jsonl');
    await exportRunTo(store, runId, path);
    expect((await replay(built, path)).report.divergences).toEqual([]);
  });

  it('a try that timed out is sent again under its key', async () => {
    const place = make();
    const calls: Call[] = [];
    const outside = {
      answer: (call: Call): unknown => {
        calls.push(call);
        if (calls.length === 1) throw new Error('busy');
        return calls.length === 2 ? new Promise(() => undefined) : 'charged';
      },
    };
    const built = charging(outside, { attempts: 2 }, { attempts: 2, timeoutMs: 50 });
    await using engine = createEngine(built, { store: place(), graceMs: 0 });
    expect(await engine.run({}, { runId })).toMatchObject({ status: 'done', state: { log: ['charged'] } });
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 1, 2]);
    expect(calls[2]?.key).toBe(calls[1]?.key);
  });
});

describe('an error that says how long to wait', () => {
  const now = Date.UTC(2026, 0, 1);
  const date = new Date(now + 8_000).toUTCString();
  const cases: readonly (readonly [string, unknown, RetryPolicy, number])[] = [
    ['milliseconds', 1_234, { attempts: 2 }, 1_234],
    ['seconds, as HTTP has it', '7', { attempts: 2 }, 7_000],
    ['a date, as HTTP has it', date, { attempts: 2 }, 8_000],
    ['longer than is given as the longest', '7', { attempts: 2, maxDelayMs: 2_000 }, 2_000],
    ['nothing that can be read', 'soon', { attempts: 2, delayMs: 50 }, 50],
  ];

  async function waited(built: AnyGraph): Promise<number> {
    const [{ make }] = places as [(typeof places)[number]];
    const clock = new ManualClock(now);
    const engine = engineAt(built, make()(), clock);
    const running = engine.run({}, { runId, seed: 'seed' });
    expect(await clock.until(running, 10)).toMatchObject({ status: 'done' });
    await engine.close();
    return clock.now() - now;
  }

  it.each(cases)('is heard by the policy of an effect: %s', async (_what, retryAfter, retry, wanted) => {
    const outside = new Outside(1, () => Object.assign(new Error('busy'), { retryAfter }));
    const wait = await waited(charging(outside, retry));
    expect(wait).toBeGreaterThanOrEqual(wanted);
    expect(wait).toBeLessThan(wanted + 100);
  });

  it.each(cases)('is heard by the policy of a node: %s', async (_what, retryAfter, retry, wanted) => {
    const built = graph('busy', { state: fields({ log: append<string>() }) })
      .node(
        'work',
        (_state, { attempt }) => {
          if (attempt === 1) throw Object.assign(new Error('busy'), { retryAfter });
        },
        { retry },
      )
      .start('work')
      .build();
    const wait = await waited(built);
    expect(wait).toBeGreaterThanOrEqual(wanted);
    expect(wait).toBeLessThan(wanted + 100);
  });

  it('is the same in a replay, whatever the time', async () => {
    const [{ make }] = places as [(typeof places)[number]];
    const outside = new Outside(1, () => Object.assign(new Error('busy'), { retryAfter: date }));
    const built = charging(outside, { attempts: 2 });
    const store = make()();
    const clock = new ManualClock(now);
    const engine = engineAt(built, store, clock);
    await clock.until(engine.run({}, { runId, seed: 'seed' }), 1_000);
    const path = join(temporaryFolder(), 'run.run.jsonl');
    await exportRunTo(store, runId, path);
    await engine.close();
    expect((await replay(built, path)).report.divergences).toEqual([]);
  });
});
