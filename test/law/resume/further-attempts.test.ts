// What a further attempt keeps, and what it asks for again: after a retry, after a resume, in a replay.
import { join } from 'node:path';
import { append, createEngine, fields, graph } from 'reprise';
import type { AnyGraph, EffectOptions, NodeContext, ResumeOptions } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import type { EffectEntry, Entry } from '../../../src/journal/entry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { journalIn, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

type Context = NodeContext<undefined, Record<never, never>>;
type Called = { readonly name: string; readonly attempt: number; readonly key: string };

/** A node that calls the outside, and fails as often as it is told. */
class Caller {
  readonly called: Called[] = [];

  /** `fails`: attempts in which the outside refuses. */
  async call(
    context: Context,
    name: string,
    options: EffectOptions = {},
    fails: readonly number[] = [],
  ): Promise<string> {
    const { attempt } = context;
    const perform = (_request: string, { idempotencyKey }: { readonly idempotencyKey: string }): string => {
      this.called.push({ name, attempt, key: idempotencyKey });
      if (fails.includes(attempt)) throw new Error(`${name} is refused`);
      return `${name} of ${attempt}`;
    };
    return context.effect(name, name, perform, options);
  }

  get names(): readonly string[] {
    return this.called.map(({ name, attempt }) => `${name} ${attempt}`);
  }
}

function nodeOf(run: (context: Context) => Promise<readonly string[]>, attempts?: number): AnyGraph {
  return graph('further', { state: fields({ log: append<string>() }) })
    .node(
      'work',
      async (_state, context) => ({ delta: { log: [...(await run(context as never))] } }),
      attempts === undefined ? {} : { retry: { attempts } },
    )
    .start('work')
    .build();
}

async function run(place: Place, built: AnyGraph) {
  await using engine = createEngine(built, { store: place() });
  return await engine.run({}, { runId, seed: 'seed' });
}

async function resume(place: Place, built: AnyGraph, options: ResumeOptions = {}) {
  await using engine = createEngine(built, { store: place() });
  return await engine.resume(runId, options);
}

/** A replay of what is stored says that it is the same, with and without what was observed. */
async function replaysSame(place: Place, built: AnyGraph): Promise<void> {
  for (const observed of [true, false]) {
    const path = join(temporaryFolder(), 'run.run.jsonl');
    const store = place();
    await exportRunTo(store, runId, path, observed ? {} : { observed });
    await store.close();
    const { report } = await replay(built, path);
    expect(report.divergences).toEqual([]);
    expect(report.verdict).toBe('same');
  }
}

const effectsOf = (entries: readonly Entry[]): readonly EffectEntry[] =>
  entries.filter((entry) => entry.kind === 'effect');

describe.each(places)('on $name', ({ make }) => {
  /** Two attempts: by a retry policy, or by resuming the failed run. */
  const ways = [
    ['a retry', 2, (place: Place, built: AnyGraph) => run(place, built)],
    [
      'a resume',
      undefined,
      async (place: Place, built: AnyGraph) => {
        expect(await run(place, built)).toMatchObject({ status: 'failed' });
        return resume(place, built);
      },
    ],
  ] as const;

  describe.each(ways)('a further attempt by %s', (_way, attempts, twice) => {
    it('keeps effects, sleeps and draws of time apart: what succeeded by name, and not the time', async () => {
      const place = make();
      const caller = new Caller();
      const times: number[] = [];
      const built = nodeOf(async (context) => {
        const charged = await caller.call(context, 'charge');
        await context.sleep(1);
        times.push(context.now());
        const again = await caller.call(context, 'charge');
        return [charged, again, await caller.call(context, 'mail', {}, [1])];
      }, attempts);
      expect(await twice(place, built)).toMatchObject({
        status: 'done',
        state: { log: ['charge of 1', 'charge of 1', 'mail of 2'] },
      });
      expect(caller.names).toEqual(['charge 1', 'charge 1', 'mail 1', 'mail 2']);
      const entries = effectsOf(await journalIn(place));
      expect(entries.map(({ at, type, name, occurrence }) => [at, `${type}:${name}`, occurrence])).toEqual([
        ['1.0#1', 'call:charge', 0],
        ['1.0#1', 'sleep:', 0],
        ['1.0#1', 'now:', 0],
        ['1.0#1', 'call:charge', 1],
        ['1.0#1', 'call:mail', 0],
        ['1.0#2', 'now:', 0],
        ['1.0#2', 'call:mail', 0],
      ]);
      expect(times).toHaveLength(2);
      await replaysSame(place, built);
    });

    it('asks again for what is marked `repeat`, and keeps the last answer', async () => {
      const place = make();
      const caller = new Caller();
      const built = nodeOf(async (context) => {
        const asked = await caller.call(context, 'ask', { repeat: true });
        return [asked, await caller.call(context, 'mail', {}, [1])];
      }, attempts);
      expect(await twice(place, built)).toMatchObject({ state: { log: ['ask of 2', 'mail of 2'] } });
      expect(caller.names).toEqual(['ask 1', 'mail 1', 'ask 2', 'mail 2']);
      await replaysSame(place, built);
    });

    it('gives what was refused a new key, and what is asked again its old one', async () => {
      const place = make();
      const caller = new Caller();
      const built = nodeOf(async (context) => {
        const asked = await caller.call(context, 'ask', { repeat: true });
        return [asked, await caller.call(context, 'mail', {}, [1])];
      }, attempts);
      await twice(place, built);
      const [ask1, mail1, ask2, mail2] = caller.called.map(({ key }) => key);
      expect(ask2).toBe(ask1);
      expect(mail2).not.toBe(mail1);
      expect(mail2).not.toBe(ask1);
    });

    it('asks for another request, under a key of its own', async () => {
      const place = make();
      const caller = new Caller();
      const built = nodeOf(async (context) => {
        const paid = await caller.call(context, `pay ${context.attempt}`);
        return [paid, await caller.call(context, 'mail', {}, [1])];
      }, attempts);
      expect(await twice(place, built)).toMatchObject({ state: { log: ['pay 2 of 2', 'mail of 2'] } });
      await replaysSame(place, built);
    });
  });

  it('with `fresh`, everything is asked for again but what is marked `once`', async () => {
    const place = make();
    const caller = new Caller();
    const built = nodeOf(async (context) => {
      const asked = await caller.call(context, 'ask');
      const paid = await caller.call(context, 'pay', { once: true });
      return [asked, paid, await caller.call(context, 'mail', {}, [1, 2, 3])];
    });
    expect((await run(place, built)).status).toBe('failed');
    expect((await resume(place, built)).status).toBe('failed');
    expect((await resume(place, built, { fresh: true })).status).toBe('failed');
    expect(await resume(place, built)).toMatchObject({
      status: 'done',
      state: { log: ['ask of 3', 'pay of 1', 'mail of 4'] },
    });
    expect(caller.names).toEqual(['ask 1', 'pay 1', 'mail 1', 'mail 2', 'ask 3', 'mail 3', 'mail 4']);
    await replaysSame(place, built);
  });

  it('`fresh` is refused for a run that has not failed', async () => {
    const place = make();
    const whole = make();
    const caller = new Caller();
    const built = nodeOf(async (context) => [await caller.call(context, 'ask')]);
    await run(whole, built);
    await leave(place, (await journalIn(whole)).slice(0, 3));
    await expect(resume(place, built, { fresh: true })).rejects.toMatchObject({ code: 'run-not-resumable' });
    expect(await resume(place, built)).toMatchObject({ status: 'done' });
  });

  it('is the same after every entry at which the process may die', async () => {
    const whole = make();
    const caller = new Caller();
    const built = nodeOf(async (context) => {
      const log = [await caller.call(context, 'charge'), await caller.call(context, 'stamp', {}, [1])];
      return [...log, await caller.call(context, 'mail', {}, [2])];
    }, 3);
    await run(whole, built);
    const entries = await journalIn(whole);
    const all = caller.called.splice(0);
    expect(all.map(({ name, attempt }) => `${name} ${attempt}`)).toEqual([
      'charge 1',
      'stamp 1',
      'stamp 2',
      'mail 2',
      'mail 3',
    ]);
    for (let cut = 2; cut < entries.length; cut += 1) {
      const place = make();
      await leave(place, entries.slice(0, cut));
      caller.called.length = 0;
      expect(await resume(place, built), `behind ${cut}`).toMatchObject({
        state: { log: ['charge of 1', 'stamp of 2', 'mail of 3'] },
      });
      const known = effectsOf(entries.slice(0, cut)).length;
      expect(caller.called, `behind ${cut}`).toEqual(all.slice(known));
    }
  });

  it('keeps the answer of a person', async () => {
    const place = make();
    let questions = 0;
    const built = nodeOf(async ({ ask, attempt }) => {
      const answer = await ask<string>('well?');
      questions += 1;
      if (attempt === 1) throw new Error('behind the answer');
      return [answer];
    }, 2);
    expect(await run(place, built)).toMatchObject({ status: 'paused' });
    expect(await resume(place, built, { answer: 'yes' })).toMatchObject({ status: 'done', state: { log: ['yes'] } });
    expect(questions).toBe(2);
    await replaysSame(place, built);
  });

  it('keeps nothing of an inner run that was voided', async () => {
    const place = make();
    const caller = new Caller();
    const inner = graph('inner', { state: fields({ log: append<string>() }) })
      .node('in', async (_state, context) => {
        const log = [
          await caller.call(context as never, 'ask'),
          await caller.call(context as never, 'pay', { once: true }),
        ];
        return { delta: { log } };
      })
      .node('break', () => {
        if (caller.names.filter((name) => name.startsWith('ask')).length < 2) throw new Error('broke');
      })
      .edge('in', 'break')
      .start('in')
      .build();
    const built = graph('outer', { state: fields({ log: append<string>() }) })
      .subgraph(
        'inner',
        inner,
        { input: () => ({}), output: ({ log }) => ({ log: [...log] }) },
        { retry: { attempts: 2 } },
      )
      .start('inner')
      .build();
    expect(await run(place, built)).toMatchObject({ status: 'done' });
    expect(caller.names).toEqual(['ask 1', 'pay 1', 'ask 1']);
  });
});
