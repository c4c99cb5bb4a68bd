import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../src/base/value.ts';
import { atOnce } from '../../../../src/base/in-pieces.ts';
import { resumedWorld } from '../../../../src/engine/world/resumed-world.ts';
import type { ResumeSetup } from '../../../../src/engine/world/resumed-attempt.ts';
import type { AttemptResult, ChunkEntry, EffectRef, Entry } from '../../../../src/journal/entry.ts';
import type { AttemptKey, StepKey } from '../../../../src/journal/key.ts';
import type { Answer, AttemptWorld, World } from '../../../../src/port/world.ts';
import { effectEntry, eventEntry, outcomeEntry } from '../../../support/journals.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const ref = (name: string, fields: Partial<EffectRef> = {}): EffectRef => ({
  type: 'call',
  name,
  request: 1,
  occurrence: 0,
  ...fields,
});
const recorded = (name: string, value: Value = name, at = '1.0#1') =>
  effectEntry(at, { ...ref(name), outcome: { kind: 'value', value }, observed: { began: 1, ended: 2 } });
const chunks = (...deltas: readonly string[]): ChunkEntry => ({
  kind: 'chunk',
  at: '1.0#1' as AttemptKey,
  node: 'write',
  ordinal: 0,
  deltas,
  observed: { times: deltas.map(() => 1) },
});
const done: AttemptResult = { status: 'done', delta: 'new' };
const never = (): void => undefined;

/** The world behind: it performs everything, and says what it was asked. */
class AskedWorld implements World {
  readonly asked: string[] = [];
  plan: ReturnType<World['openStep']> | undefined;

  openStep(_at: StepKey, tasks: Parameters<World['openStep']>[1]): ReturnType<World['openStep']> {
    return this.plan ?? { kind: 'run', tasks: tasks.map(() => ({ attempt: () => this.#attempt() })) };
  }

  closeStep<Result>(step: Result): Result {
    this.asked.push('close');
    return step;
  }

  #attempt(): AttemptWorld {
    return {
      drawKey: 'key of the draws',
      answer: ({ name }) => {
        this.asked.push(name);
        return { kind: 'perform' };
      },
      run: (node) => node(),
      settle: (result) => result,
      watch: (timeoutMs) => {
        this.asked.push(`watch ${timeoutMs}`);
        return never;
      },
    };
  }
}

interface Resumed {
  readonly behind: AskedWorld;
  readonly clock: ManualClock;
  readonly diverged: Error[];
  readonly world: World;
  attempt(number?: number, isResumable?: boolean): AttemptWorld;
}

function resumed(openStep: readonly Entry[], given: Partial<ResumeSetup> = {}): Resumed {
  const behind = new AskedWorld();
  const clock = new ManualClock();
  const diverged: Error[] = [];
  const world = atOnce(
    resumedWorld(behind, openStep, {
      clock,
      force: false,
      failedTasks: new Map(),
      diverged: (error) => diverged.push(error),
      ...given,
    }),
  );
  const attempt = (number = 1, isResumable = false): AttemptWorld => taskOf(world).attempt(number, isResumable);
  return { behind, clock, diverged, world, attempt };
}

function taskOf(world: World, at = '1') {
  const plan = world.openStep(at as StepKey, [{ node: 'write' }]);
  if (plan.kind === 'end') throw new Error('the run ends here');
  const [task] = plan.tasks;
  if (task === undefined) throw new Error('there is no task');
  return task;
}

/** Asks for an effect that is held back, and tells when it may begin. */
function held(world: AttemptWorld, name: string) {
  const answer = world.answer(ref(name));
  if (answer.kind !== 'perform' || answer.hold === undefined) throw new Error(`"${name}" is not held back`);
  const seen = { hasBegun: false };
  const giveUp = answer.hold(ref(name), () => {
    seen.hasBegun = true;
  });
  return { seen, giveUp };
}

describe('an attempt that is not in the journal', () => {
  it('is that of the world behind', () => {
    const { behind, attempt } = resumed([recorded('a', 'a', '1.1#1')]);
    expect(attempt().answer(ref('a'))).toEqual({ kind: 'perform' });
    expect(behind.asked).toEqual(['a']);
  });
});

describe('an attempt that was under way', () => {
  it('is answered from the journal, each effect once, and then from the world behind', () => {
    const { behind, attempt } = resumed([recorded('a', 'A'), recorded('b', 'B')]);
    const world = attempt();
    expect(world.answer(ref('b'))).toMatchObject({ kind: 'answered', outcome: { kind: 'value', value: 'B' } });
    expect(world.answer(ref('a'))).toMatchObject({ kind: 'answered', outcome: { kind: 'value', value: 'A' } });
    expect(world.answer(ref('c'))).toEqual({ kind: 'perform' });
    expect(behind.asked).toEqual(['c']);
  });

  it('tells effects apart by type, name, request, label and occurrence', () => {
    const { attempt } = resumed([recorded('a')]);
    const world = attempt();
    const others: readonly Partial<EffectRef>[] = [
      { type: 'now' },
      { name: 'b' },
      { request: 2 },
      { label: 'x' },
      { occurrence: 1 },
    ];
    for (const other of others) expect(world.answer(ref('a', other)).kind).toBe('perform');
    expect(world.answer(ref('a')).kind).toBe('answered');
  });

  it('gives a body in the parts in which it came', () => {
    const entry = { ...recorded('a'), observed: { began: 1, ended: 2, parts: [3, 4] } };
    expect(resumed([entry]).attempt().answer(ref('a'))).toMatchObject({ facts: { parts: [3, 4] } });
  });

  it('knows of an effect that began and has no outcome', () => {
    const begin: Entry = {
      kind: 'begin',
      at: '1.0#1' as AttemptKey,
      node: 'write',
      ...ref('pay'),
      observed: { time: 1 },
    };
    expect(resumed([begin]).attempt().answer(ref('pay'))).toMatchObject({ kind: 'perform', began: begin });
  });

  it('draws with the key of the world behind', () => {
    expect(resumed([recorded('a')]).attempt().drawKey).toBe('key of the draws');
  });

  it('runs its node, and may take as long as it is given', () => {
    const { behind, attempt } = resumed([recorded('a')]);
    const world = attempt();
    expect(world.run(() => 'returned')).toBe('returned');
    world.watch(500, never);
    expect(behind.asked).toEqual(['watch 500']);
  });

  it('passes on what the world behind refuses', () => {
    const { behind, world } = resumed([recorded('a')]);
    const refused: Answer = { kind: 'refused', error: new Error('offline') };
    const asking = { attempt: () => ({ answer: () => refused }) as unknown as AttemptWorld };
    behind.plan = { kind: 'run', tasks: [asking] };
    expect(taskOf(world).attempt(1, false).answer(ref('b'))).toBe(refused);
  });
});

describe('something new', () => {
  it('is held back until everything recorded was asked for again', () => {
    const { attempt } = resumed([recorded('a'), recorded('b')]);
    const world = attempt();
    world.answer(ref('a'));
    const { seen } = held(world, 'new');
    expect(seen.hasBegun).toBe(false);
    world.answer(ref('b'));
    expect(seen.hasBegun).toBe(true);
  });

  it('does not begin where it was given up meanwhile', () => {
    const { attempt, clock } = resumed([recorded('a')]);
    const world = attempt();
    const { seen, giveUp } = held(world, 'new');
    expect(clock.timerCount).toBe(1);
    giveUp();
    expect(clock.timerCount).toBe(0);
    world.answer(ref('a'));
    expect(seen.hasBegun).toBe(false);
  });

  it('has diverged once the attempt asked for nothing else for a second', async () => {
    const { attempt, clock, diverged } = resumed([recorded('a')]);
    const { seen } = held(attempt(), 'new');
    await clock.advance(999);
    expect(diverged).toEqual([]);
    await clock.advance(1);
    expect(diverged).toMatchObject([{ code: 'resume-diverged', fields: { at: '1.0#1', recorded: 1, asked: 1 } }]);
    expect(seen.hasBegun).toBe(false);
  });

  it('is waited for longer while the attempt still asks', async () => {
    const { attempt, clock, diverged } = resumed([recorded('a'), recorded('b')]);
    const world = attempt();
    const { seen } = held(world, 'new');
    await clock.advance(900);
    world.answer(ref('a'));
    await clock.advance(900);
    expect(diverged).toEqual([]);
    world.answer(ref('b'));
    await clock.advance(10_000);
    expect([seen.hasBegun, diverged, clock.timerCount]).toEqual([true, [], 0]);
  });

  it('that it tells is kept back likewise, in order', () => {
    const { attempt } = resumed([recorded('a')]);
    const world = attempt();
    const told: string[] = [];
    expect(world.keepBack?.(() => told.push('first'))).toBe(true);
    expect(world.keepBack?.(() => told.push('second'))).toBe(true);
    expect(told).toEqual([]);
    world.answer(ref('a'));
    expect(told).toEqual(['first', 'second']);
    expect(world.keepBack?.(() => told.push('third'))).toBe(false);
  });

  it('is not held back where anything goes', () => {
    const world = resumed([recorded('a')], { force: true }).attempt();
    expect(world.answer(ref('new'))).toEqual({ kind: 'perform' });
    expect(world.keepBack?.(never)).toBe(false);
  });
});

describe('an end', () => {
  it('before everything was asked for again has diverged, and does not count', () => {
    const { attempt, diverged } = resumed([recorded('a')]);
    expect(attempt().settle(done)).toBeUndefined();
    expect(diverged).toMatchObject([{ code: 'resume-diverged', fields: { at: '1.0#1', recorded: 1 } }]);
  });

  it('after that is what the attempt ended with', () => {
    const { attempt, diverged } = resumed([recorded('a')]);
    const world = attempt();
    world.answer(ref('a'));
    expect(world.settle(done)).toBe(done);
    expect(diverged).toEqual([]);
  });

  it('by timeout counts at any time, for time is not the code', () => {
    const { attempt, diverged } = resumed([recorded('a')]);
    const timeout: AttemptResult = { status: 'timeout', error: 'too slow' };
    expect(attempt().settle(timeout)).toBe(timeout);
    expect(diverged).toEqual([]);
  });

  it('counts as it is where anything goes', () => {
    expect(
      resumed([recorded('a')], { force: true })
        .attempt()
        .settle(done),
    ).toBe(done);
  });
});

describe('an attempt that had ended', () => {
  it('gives what it returned, and its node is not run again', () => {
    const result: AttemptResult = { status: 'done', delta: { count: 1 }, routes: [{ kind: 'goto', node: 'next' }] };
    const { behind, attempt } = resumed([recorded('a'), outcomeEntry('1.0#1', { result })]);
    const world = attempt();
    let isRun = false;
    const returned = world.run(() => {
      isRun = true;
    });
    expect([isRun, returned]).toEqual([false, { delta: { count: 1 }, route: [{ kind: 'goto', node: 'next' }] }]);
    expect(world.settle(done)).toBe(result);
    world.watch(500, never);
    expect(behind.asked).toEqual([]);
    expect(world.keepBack?.(never)).toBe(false);
  });

  it.each(['failed', 'timeout'] as const)('throws the error with which it %s', (status) => {
    const error = Object.freeze(new Error('broken')) as never;
    const { attempt } = resumed([outcomeEntry('1.0#1', { result: { status, error } })]);
    expect(() => attempt().run(() => 'again')).toThrow(error);
  });
});

describe('a streaming attempt', () => {
  it('begins again where its node is not resumable', () => {
    const world = resumed([chunks('a', 'b')]).attempt();
    expect([world.resumed, world.chunks]).toEqual([undefined, ['a', 'b']]);
  });

  it('continues after its chunks where its node is, and need not ask again', () => {
    const { attempt, diverged } = resumed([chunks('a', 'b'), recorded('call')]);
    const world = attempt(1, true);
    expect(world.resumed).toEqual(['a', 'b']);
    expect(world.answer(ref('new'))).toEqual({ kind: 'perform' });
    expect(world.answer(ref('call')).kind).toBe('answered');
    expect(world.settle(done)).toBe(done);
    expect(diverged).toEqual([]);
  });

  it('begins at its start where it gave nothing, or where it had ended', () => {
    expect(resumed([recorded('a')]).attempt(1, true).resumed).toBeUndefined();
    expect(resumed([chunks('a'), outcomeEntry('1.0#1')]).attempt(1, true).resumed).toBeUndefined();
  });

  it('counts its events from where they stand, stream by stream', () => {
    const entries = [
      chunks('a'),
      eventEntry('1.0#1', { stream: 'x', ordinal: 0 }),
      eventEntry('1.0#1', { stream: 'x', ordinal: 1 }),
      eventEntry('1.0#1', { stream: '', ordinal: 0 }),
    ];
    const world = resumed(entries).attempt(1, true);
    expect(['x', '', 'y'].map((stream) => world.eventCount?.(stream))).toEqual([2, 1, 0]);
    expect(resumed(entries).attempt(1, false).eventCount?.('x')).toBe(0);
  });
});

describe('a task', () => {
  const failedAttempt = (at: string, ended: number): Entry =>
    outcomeEntry(at, { result: { status: 'failed', error: 'no' }, observed: { began: 1, ended } });

  it('knows how many attempts ended, and since when it waits for the next', () => {
    const { world } = resumed([failedAttempt('1.0#1', 10), failedAttempt('1.0#2', 20)]);
    expect(taskOf(world)).toMatchObject({ knownAttempts: 2, waitsSince: 20 });
  });

  it('does not wait where the next attempt had begun', () => {
    const { world } = resumed([failedAttempt('1.0#1', 10), recorded('a', 'a', '1.0#2')]);
    const task = taskOf(world);
    expect(task.knownAttempts).toBe(1);
    expect(task.waitsSince).toBeUndefined();
  });

  it('knows nothing where none had ended', () => {
    const task = taskOf(resumed([recorded('a')]).world);
    expect([task.knownAttempts, task.failedAttempts]).toEqual([undefined, undefined]);
  });

  it('for which the run failed gets further attempts at once', () => {
    const { world } = resumed([failedAttempt('1.0#1', 10)], { failedTasks: new Map([['1.0', 1]]) });
    const task = taskOf(world);
    expect(task.failedAttempts).toBe(1);
    expect(task.waitsSince).toBeUndefined();
  });

  it('of another step is that of the world behind', () => {
    const { world, behind } = resumed([recorded('a')]);
    expect(taskOf(world, '2').attempt(1, false).answer(ref('a'))).toEqual({ kind: 'perform' });
    expect(behind.asked).toEqual(['a']);
  });
});

describe('a step', () => {
  it('ends the run where the world behind says so', () => {
    const { behind, world } = resumed([recorded('a')]);
    behind.plan = { kind: 'end', end: { status: 'cancelled', reason: 'enough' } };
    expect(world.openStep('1' as StepKey, [])).toBe(behind.plan);
  });

  it('is closed by the world behind', () => {
    const { behind, world } = resumed([]);
    world.closeStep({} as never);
    expect(behind.asked).toEqual(['close']);
  });
});
