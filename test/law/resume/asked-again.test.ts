// Questions about effects in doubt, each of which is about one doubt: an answer decides what it was asked for, and nothing
// that comes to be in doubt later.
import { answerStoredRun, append, createEngine, fields, graph, openQuestionsOf } from 'reprise';
import type { AnyGraph, EffectOptions, ResumeOptions } from 'reprise';
import { describe, expect, it } from 'vitest';
import { settled } from '../../support/manual-clock.ts';
import { journalIn, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

const lost = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

interface RunResult {
  readonly status: string;
  readonly questions?: readonly { readonly id: string }[];
}

interface Wire {
  readonly keys: string[];
  /** What becomes of each call in turn; the last is that of all others. */
  readonly plan: readonly ('lost' | 'silent' | 'answered')[];
}

function wire(...plan: Wire['plan']): Wire {
  return { keys: [], plan };
}

function wiring({ keys, plan }: Wire, options: EffectOptions = {}, nodeAttempts = 1): AnyGraph {
  const perform = (_request: unknown, { idempotencyKey }: { readonly idempotencyKey: string }): unknown => {
    keys.push(idempotencyKey);
    const planned = plan[Math.min(keys.length, plan.length) - 1];
    if (planned === 'lost') throw lost();
    return planned === 'silent' ? new Promise(() => undefined) : `wire ${keys.length}`;
  };
  return graph('wiring', { state: fields({ log: append<string>() }) })
    .node(
      'pay',
      async (_state, { effect }) => {
        const paid = await effect('wire', { euro: 44 }, perform, { once: true, onDoubt: 'ask', ...options });
        return { delta: { log: [String(paid)] } };
      },
      { retry: { attempts: nodeAttempts } },
    )
    .start('pay')
    .build();
}

async function resume(place: Place, built: AnyGraph, options: ResumeOptions = {}): Promise<RunResult> {
  await using engine = createEngine(built, { store: place() });
  return await engine.resume(runId, options);
}

/** Drives a run until a call never comes back, does something meanwhile, and kills the process. Returns where it stood. */
async function killedInCall(
  make: () => Place,
  place: Place,
  begin: (engine: ReturnType<typeof createEngine>) => Promise<unknown>,
  { silent, meanwhile }: { silent: Wire; meanwhile?: () => Promise<void> },
): Promise<Place> {
  const engine = createEngine(wiring(silent), { store: place(), graceMs: 0 });
  const running = begin(engine);
  while (silent.keys.length === 0) await settled();
  await meanwhile?.();
  const left = make();
  await leave(left, await journalIn(place));
  await engine.close();
  await running;
  return left;
}

async function refusalOf(place: Place, key: string, answer: unknown): Promise<unknown> {
  const store = place();
  try {
    return await answerStoredRun(store, runId, key, answer as never).then(
      () => 'taken',
      (thrown: { readonly code: string }) => thrown.code,
    );
  } finally {
    await store.close();
  }
}

async function openIn(place: Place): Promise<readonly string[]> {
  const store = place();
  const open = await openQuestionsOf(store, runId);
  await store.close();
  return open.map(({ id }) => id);
}

function idsOf(run: RunResult): readonly string[] {
  return (run.questions ?? []).map(({ id }) => id);
}

describe.each(places)('on $name', ({ make }) => {
  it.each([
    { how: 'an answer', options: { answer: 'retry' } },
    { how: 'a decision', options: { decide: { '1.0#1:call:wire': 'retry' } } },
  ])('a question is over once $how has it performed again, and a later doubt is another one', async ({ options }) => {
    const first = await killedInCall(make, make(), (engine) => engine.run({}, { runId, seed: 'seed' }), {
      silent: wire('silent'),
    });
    const [id = '', ...others] = idsOf(await resume(first, wiring(wire('answered'))));
    expect(others).toEqual([]);
    const second = await killedInCall(make, first, (engine) => engine.resume(runId, options as ResumeOptions), {
      silent: wire('silent'),
      meanwhile: async () => {
        expect(await openIn(first)).toEqual([]);
        expect(await refusalOf(first, id, 'retry')).toBe('question-answered');
        expect(await refusalOf(first, id, { value: 'something else' })).toBe('question-answered');
      },
    });
    const again = wire('answered');
    const [later = '', ...more] = idsOf(await resume(second, wiring(again)));
    expect(more).toEqual([]);
    expect(later).not.toBe(id);
    expect(await openIn(second)).toEqual([later]);
    expect(await refusalOf(second, id, 'retry')).toBe('question-answered');
    expect(again.keys).toEqual([]);
    expect(await resume(second, wiring(again), { answer: 'retry' })).toMatchObject({
      status: 'done',
      state: { log: ['wire 1'] },
    });
    expect(again.keys).toHaveLength(1);
  });

  it('a question stays the same through processes that die before it is answered', async () => {
    const place = await killedInCall(make, make(), (engine) => engine.run({}, { runId, seed: 'seed' }), {
      silent: wire('silent'),
    });
    const [id = ''] = idsOf(await resume(place, wiring(wire('answered'))));
    for (let round = 0; round < 3; round += 1)
      expect(idsOf(await resume(place, wiring(wire('answered'))))).toEqual([id]);
    expect(await openIn(place)).toEqual([id]);
    expect(await refusalOf(place, id, 'retry')).toBe('taken');
    expect(await refusalOf(place, id, 'retry')).toBe('question-answered');
    expect(await resume(place, wiring(wire('answered')))).toMatchObject({ status: 'done' });
  });

  it.each<{ readonly how: string; readonly options: EffectOptions; readonly nodeAttempts: number }>([
    { how: 'nothing', options: {}, nodeAttempts: 1 },
    { how: 'its effect', options: { retry: { attempts: 9, delayMs: 1 } }, nodeAttempts: 1 },
    { how: 'its node', options: {}, nodeAttempts: 9 },
  ])('each loss of its connection is asked about, and each answer passes it, if $how is retried', async (made) => {
    const place = make();
    const calls = wire('lost', 'lost', 'lost', 'answered');
    const built = wiring(calls, made.options, made.nodeAttempts);
    await using engine = createEngine(built, { store: place() });
    let run: RunResult = await engine.run({}, { runId });
    const seen: string[] = [];
    for (let round = 1; round <= 3; round += 1) {
      expect(run.status).toBe('paused');
      expect(calls.keys).toHaveLength(round);
      const open = await engine.questions(runId);
      expect(open.map(({ id }) => id)).toEqual(idsOf(run));
      seen.push(...idsOf(run));
      await engine.answer(runId, undefined, 'retry');
      run = await engine.resume(runId);
    }
    expect(run).toMatchObject({ status: 'done', state: { log: ['wire 4'] } });
    expect(new Set(seen).size).toBe(3);
    expect(new Set(calls.keys).size).toBe(1);
  });
});
