// Every kind of effect × every answer of the world × every end of the attempt: what the node gets, what is journaled, and that
// nothing stays open.
import { fields, graph } from 'reprise';
import type { Value } from 'reprise';
import { describe, expect, it } from 'vitest';
import { AttemptLife } from '../../../../src/engine/attempt/attempt-life.ts';
import { AttemptScope } from '../../../../src/engine/attempt/scope/attempt-scope.ts';
import type { AttemptSetup } from '../../../../src/engine/attempt/attempt-setup.ts';
import { askEffect } from '../../../../src/engine/attempt/effect/kind/ask-effect.ts';
import { callEffect } from '../../../../src/engine/attempt/effect/kind/call-effect.ts';
import type { EffectProtocol } from '../../../../src/engine/attempt/effect/effect-protocol.ts';
import { nowEffect } from '../../../../src/engine/attempt/effect/kind/now-effect.ts';
import { sleepEffect } from '../../../../src/engine/attempt/effect/kind/sleep-effect.ts';
import type { BeginEntry, EffectOutcome, EffectRef } from '../../../../src/journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../../../src/journal/key.ts';
import type { Answer, AttemptWorld } from '../../../../src/port/world.ts';
import { turns } from '../../../support/manual-clock.ts';
import { testRun } from '../../../support/run-parts.ts';
import type { TestRun, TestRunOptions } from '../../../support/run-parts.ts';

const node = graph('node', { state: fields({}) })
  .node('work', () => undefined)
  .start('work')
  .build();
const key = attemptKey(taskKey(stepKey('', 1), 0), 1);

/** What the node has: an answer, an error, nothing yet. */
type Got = { readonly value: unknown } | { readonly error: unknown } | undefined;

interface Bench extends TestRun {
  readonly protocol: EffectProtocol;
  readonly life: AttemptLife;
  readonly scope: AttemptScope;
  /** Releases what is held back. */
  release(): void;
  performed: number;
  abandoned: number;
  got(): Promise<Got>;
  /** Asks for one effect of a kind. */
  /** The errors with which the attempt has ended, past its node. */
  readonly failed: readonly Value[];
  ask(kind: Kind): void;
  end(end: End): Promise<void>;
}

const kinds = ['call', 'sleep', 'ask', 'now', 'http'] as const;
type Kind = (typeof kinds)[number];
const answers = ['answered', 'silent', 'refused', 'performed', 'held back', 'in doubt'] as const;
type AnswerKind = (typeof answers)[number];
const ends = ['delivered', 'aborted', 'timed out', 'suspended'] as const;
type End = (typeof ends)[number];

const recorded: EffectOutcome = { kind: 'value', value: 7 };
const refusal = new Error('refused');
const stopped = new Error('stopped');

function beginOf(ref: EffectRef): BeginEntry {
  return {
    kind: 'begin',
    at: key,
    node: 'work',
    ...ref,
    observed: { time: 500, ...(ref.type === 'sleep' ? { due: 1_100 } : {}) },
  };
}

async function bench(answer: AnswerKind, options: TestRunOptions = {}): Promise<Bench> {
  const run = await testRun(node, { isDurable: true, parkMs: 50, ...options });
  const held: (() => void)[] = [];
  const kept: (() => void)[] = [];
  let isMatched = answer !== 'held back';
  const given: Readonly<Record<AnswerKind, (ref: EffectRef) => Answer>> = {
    answered: () => ({ kind: 'answered', outcome: recorded }),
    silent: () => ({ kind: 'silent' }),
    refused: () => ({ kind: 'refused', error: refusal }),
    performed: () => ({ kind: 'perform' }),
    'held back': () => ({
      kind: 'perform',
      hold: (_ref, begin) => {
        held.push(begin);
        return () => held.splice(held.indexOf(begin), 1);
      },
    }),
    'in doubt': (ref) => ({ kind: 'perform', began: beginOf(ref) }),
  };
  const world: AttemptWorld = {
    drawKey: key,
    answer: (ref) => given[answer](ref),
    keepBack: (journal) => {
      if (!isMatched) kept.push(journal);
      return !isMatched;
    },
    run: (call) => call(),
    settle: (result) => result,
    watch: (timeoutMs, expire) => run.clock.setTimer(timeoutMs, expire),
  };
  const setup: AttemptSetup = {
    parts: run.parts,
    graph: node.spec,
    key,
    number: 1,
    node: node.spec.nodes.get('work') as never,
    state: {},
    input: undefined,
    world,
    mayRepeat: false,
    due: 0,
    owner: {
      attemptEnded: () => undefined,
      mayRetry: () => false,
      giveSlot: () => undefined,
      takeSlotAgain: (resume) => resume(true),
    },
  };
  const failed: Value[] = [];
  const life = new AttemptLife(setup, { expire: () => undefined });
  const scope = new AttemptScope(setup, life, { fail: (error) => void failed.push(error) });
  let state: Got;
  const take = (promise: Promise<unknown>): void => {
    promise.then(
      (value) => (state = { value }),
      (error: unknown) => (state = { error }),
    );
  };
  const made: Bench = {
    ...run,
    life,
    failed,
    scope,
    protocol: scope.held.effects,
    performed: 0,
    abandoned: 0,
    release() {
      isMatched = true;
      for (const journal of kept.splice(0)) journal();
      for (const begin of held.splice(0)) begin();
    },
    async got() {
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      return state;
    },
    ask(kind) {
      try {
        askFor(made, kind, take);
      } catch (error) {
        state = { error };
      }
    },
    async end(end) {
      if (end === 'delivered') {
        for (let turn = 0; turn < 10; turn += 1) {
          run.clock.step(10);
          await Promise.resolve();
          run.oracle.deliverAll();
        }
        return;
      }
      if (end === 'suspended') run.parts.stop.pause();
      if (end === 'timed out') life.end(stopped);
      else life.stop(stopped);
      scope.held.effects.open.drop(stopped);
      run.oracle.deliverAll();
    },
  };
  return made;
}

function askFor(bench: Bench, kind: Kind, take: (promise: Promise<unknown>) => void, onDoubt?: 'fail' | 'ask'): void {
  const { protocol, scope } = bench;
  const perform = (): number => {
    bench.performed += 1;
    return 7;
  };
  if (kind === 'call') {
    const options = onDoubt === undefined ? {} : { onDoubt };
    take(callEffect(protocol, { name: 'buy', request: { of: 1 }, perform, options }));
  } else if (kind === 'sleep') take(sleepEffect(protocol, 100, 'nap'));
  else if (kind === 'ask') take(askEffect(protocol, 'well?', {}));
  else if (kind === 'now') take(Promise.resolve(nowEffect(protocol, 'start')));
  else take(exchanged(bench, scope, onDoubt));
}

/** What interception does with an exchange: sends it when it may, and fails with the reason when it is abandoned. */
async function exchanged(bench: Bench, scope: AttemptScope, onDoubt?: 'fail' | 'ask'): Promise<unknown> {
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => undefined);
  const opened = scope.http.open(
    {
      isUnread: () => false,
      isStoppedUnread: () => false,
      delivered: () => ({ outcome: { kind: 'value', value: 'so far' }, facts: {} }),
      abandon: () => {
        bench.abandoned += 1;
        opened.settle({ kind: 'error', error: new Error('abandoned') as unknown as Value }, {});
        stop.reject(stopped);
      },
      ...(onDoubt === undefined ? {} : { onDoubt }),
    },
    () => ({ url: '/' }),
  );
  const { answer } = opened;
  if (answer.kind === 'refused') throw answer.error;
  if (answer.kind === 'answered') return valueIn(answer.outcome);
  if (answer.kind === 'silent') return stop.promise;
  const decided = await opened.ready;
  if (decided !== undefined) return valueIn(decided.outcome);
  bench.performed += 1;
  // The answer comes after a turn, so that an attempt may be stopped while it is on its way.
  return new Promise((resolve, reject) => {
    stop.promise.catch(reject);
    bench.clock.setTimer(1, () => {
      opened.settle({ kind: 'value', value: 7 }, {});
      resolve(7);
    });
  });
}

function valueIn(outcome: EffectOutcome): unknown {
  if (outcome.kind === 'error') throw outcome.error;
  return outcome.value;
}

const isPerformed = (answer: AnswerKind): boolean =>
  answer === 'performed' || answer === 'held back' || answer === 'in doubt';

/** What the node has in the end. */
function expectedGot(kind: Kind, answer: AnswerKind, end: End): 'value' | 'refusal' | 'reason' | 'nothing' {
  if (answer === 'refused') return 'refusal';
  if (kind === 'now') return 'value';
  const waits = kind === 'ask' || (kind === 'sleep' && isPerformed(answer));
  if (end === 'delivered') {
    if (answer === 'silent' || kind === 'ask' ? answer !== 'answered' : false) return 'nothing';
    return 'value';
  }
  return end === 'suspended' && waits && isPerformed(answer) && answer !== 'held back' ? 'nothing' : 'reason';
}

describe.each(kinds)('an effect of kind %s', (kind) => {
  describe.each(answers)('that is %s', (answer) => {
    it.each(ends)('and whose attempt is %s', async (end) => {
      const made = await bench(answer);
      made.ask(kind);
      // What was recorded comes in the next turn.
      if (end === 'delivered' && answer === 'answered') await turns(1);
      if (end === 'delivered') made.release();
      await made.end(end);
      const got = await made.got();
      const expected = expectedGot(kind, answer, end);
      if (expected === 'value') expect(got).toHaveProperty('value');
      else if (expected === 'nothing') expect(got).toBeUndefined();
      else expect(got).toEqual({ error: expected === 'refusal' ? refusal : stopped });

      const journaled = (await made.entries()).filter((entry) => entry.kind === 'effect');
      const isKept = kind === 'now' && answer === 'held back' && end !== 'delivered';
      const isAnswered = expected === 'value' && !isKept;
      expect(journaled, 'an outcome is journaled exactly where the node has it').toHaveLength(isAnswered ? 1 : 0);
      const isLeft = end === 'delivered' && expected === 'nothing';
      if (!isLeft) expect(made.protocol.open.outliving).toEqual([]);
      expect(made.parts.questions.open).toHaveLength(isLeft && kind === 'ask' && answer !== 'silent' ? 1 : 0);
      if (end !== 'delivered') expect(made.parts.rest.wakeAt, 'no long wait is left behind').toBeUndefined();
    });
  });
});

describe.each(['call', 'http'] as const)('an effect of kind %s in doubt', (kind) => {
  it('is performed again by default', async () => {
    const made = await bench('in doubt');
    made.ask(kind);
    await made.end('delivered');
    expect([made.performed, await made.got()]).toEqual([1, { value: 7 }]);
  });

  it('fails the attempt where that is asked for, and the node never learns of it', async () => {
    const made = await bench('in doubt');
    let got: Got;
    askFor(made, kind, (promise) => void promise.catch((error: unknown) => (got = { error })), 'fail');
    await made.end('delivered');
    await made.got();
    expect([got, made.performed]).toEqual([undefined, 0]);
    expect(made.failed).toMatchObject([{ code: 'effect-in-doubt' }]);
    const [{ fields }] = made.failed as unknown as readonly [{ readonly fields: object }];
    expect(Object.keys(fields), 'comparisons read what the journal holds of an error').toEqual([
      'address',
      'name',
      'type',
    ]);
  });

  const value: Value = kind === 'http' ? { body: 'a9', ended: 'complete', headers: {}, status: 200 } : 9;
  it.each([
    ['retry', 'retry' as Value, { value: 7 }, 1],
    ['a value', { value }, { value }, 0],
    ['an error', { error: 'it did not' }, { error: expect.objectContaining({ message: 'it did not' }) }, 0],
  ])('is what a person decides: %s', async (_name, answer, expected, performed) => {
    const asked = kind === 'call' ? 'buy' : 'http';
    const made = await bench('in doubt');
    let got: Got;
    askFor(
      made,
      kind,
      (promise) =>
        void promise.then(
          (value) => (got = { value }),
          (error: unknown) => (got = { error }),
        ),
      'ask',
    );
    const [question] = made.parts.questions.open;
    expect(question?.key).toBe(`1.0:in-doubt ${asked}`);
    const message = { kind: 'answer', question: question?.id ?? '', value: answer, time: 1 } as const;
    await made.store.send('run', message);
    await made.parts.inbox.look();
    await made.end('delivered');
    await made.got();
    expect([got, made.performed]).toEqual([expected, performed]);
    await made.parts.journal.flush();
    expect((await made.store.inbox('run')).messages, 'the answer is taken').toEqual([]);
  });

  it('waits for a person, opens one question, and is told when its run is cancelled', async () => {
    const made = await bench('in doubt');
    let got: Got;
    askFor(made, kind, (promise) => void promise.catch((error: unknown) => (got = { error })), 'ask');
    expect(made.parts.questions.open).toHaveLength(1);
    await made.end('aborted');
    await made.got();
    expect(got).toEqual({ error: stopped });
    expect(made.parts.questions.open).toEqual([]);
    expect(made.performed).toBe(0);
  });
});
