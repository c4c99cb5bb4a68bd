import { beforeEach, describe, expect, it } from 'vitest';
import { answerableQuestions, sendAnswers } from '../../../../src/engine/stored/answers.ts';
import type { Lease, RunStore } from '../../../../src/explore/index.ts';
import type { BeginEntry, EffectEntry, Entry, NoteEntry } from '../../../../src/journal/entry.ts';
import { entryIdentity } from '../../../../src/journal/entry-identity.ts';
import { refOf } from '../../../../src/journal/effect-identity.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import { questionId } from '../../../../src/journal/step/question.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { runEntry } from '../../../../src/explore/store/law-entries.ts';

const runId = 'run';
let store: RunStore;
let lease: Lease;
beforeEach(async () => {
  store = memoryStore();
  lease = await store.create(runEntry(runId));
});

function begin(rank: number, request = 'what?', more: Partial<BeginEntry['observed']> = {}): BeginEntry {
  const at = `1.${rank}#1` as AttemptKey;
  return {
    kind: 'begin',
    at,
    node: 'ask',
    type: 'ask',
    name: 'what?',
    request,
    occurrence: 0,
    observed: { time: 1, ordinal: 0, ...more },
  };
}

function answered(question: BeginEntry): EffectEntry {
  const observed = { began: 1, ended: 2 };
  return { kind: 'effect', at: question.at, ...refOf(question), outcome: { kind: 'value', value: 'yes' }, observed };
}

function outcome(at: AttemptKey): Entry {
  return { kind: 'outcome', at, node: 'ask', result: { status: 'done' }, observed: { began: 1, ended: 2 } };
}

const journal = async (...entries: readonly Entry[]): Promise<void> => void (await store.append(lease, entries));
const answer = (keyOrId: string | undefined, value: unknown = 'yes', now = 10): ReturnType<typeof sendAnswers> =>
  sendAnswers(store, runId, [{ keyOrId, value }], () => now);
const sent = async (): Promise<readonly unknown[]> =>
  (await store.inbox(runId)).messages.map(({ message }) => message.kind === 'answer' && message.question);
const id = (key: string, request = 'what?'): string => questionId(key, request);

describe('an answer', () => {
  it('goes to the only question without naming it, also with undefined', async () => {
    await journal(begin(0));
    expect(await answer(undefined, undefined)).toMatchObject([{ question: { key: '1.0:what?', question: 'what?' } }]);
    expect(await sent()).toEqual([id('1.0:what?')]);
  });

  it('goes to a question by its key or its id, and leaves the others open', async () => {
    await journal(begin(0), begin(1), begin(2));
    await answer('1.1:what?');
    await answer(id('1.2:what?'));
    expect(await sent()).toEqual([id('1.1:what?'), id('1.2:what?')]);
    expect((await answerableQuestions(store, runId, 10)).map(({ key }) => key)).toEqual(['1.0:what?']);
  });

  it('is a copy', async () => {
    await journal(begin(0));
    const given = { names: ['a'] };
    await answer(undefined, given);
    given.names.push('b');
    expect((await store.inbox(runId)).messages).toMatchObject([{ message: { value: { names: ['a'] } } }]);
  });

  const changed = begin(0, 'else?');
  const voids: NoteEntry = {
    kind: 'note',
    at: '1.0#1' as AttemptKey,
    what: 'question-changed',
    message: 'changed',
    voids: entryIdentity(begin(0)),
    observed: { time: 2 },
  };
  it.each<[string, readonly Entry[], string | undefined, string, string]>([
    ['to no question', [], undefined, 'question-unknown', 'run "run" has no open question'],
    ['to one of two', [begin(0), begin(1)], undefined, 'question-unknown', 'run "run" has 2 open questions'],
    ['to a question that was never asked', [begin(0)], '9.0:what?', 'question-unknown', 'no open question "9.0:what?"'],
    ['to one that is answered', [begin(0), answered(begin(0))], '1.0:what?', 'question-answered', '"1.0:what?"'],
    [
      'to one whose time is over',
      [begin(0, 'what?', { due: 10 })],
      '1.0:what?',
      'question-expired',
      'its time is over',
    ],
    ['to the only one, too late', [begin(0, 'what?', { due: 10 })], undefined, 'question-unknown', 'no open question'],
    [
      'to one whose task has ended',
      [begin(0), outcome('1.0#1' as AttemptKey)],
      '1.0:what?',
      'question-expired',
      'ended',
    ],
    ['to what was asked before', [begin(0), voids, changed], id('1.0:what?'), 'question-expired', 'something else now'],
    [
      'to one of an earlier step',
      [begin(0), answered(begin(0)), { kind: 'commit', at: '1' as never, frontier: [], observed: { time: 2 } }],
      '1.0:what?',
      'question-answered',
      'has been answered',
    ],
  ])('is refused %s', async (_what, entries, keyOrId, code, message) => {
    await journal(...entries);
    await expect(answer(keyOrId)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(await sent()).toEqual([]);
  });

  it('is refused where another one waits to be taken, and neither is lost', async () => {
    await journal(begin(0));
    await answer(undefined, 'first');
    for (const keyOrId of [undefined, '1.0:what?', id('1.0:what?')])
      await expect(answer(keyOrId, 'second')).rejects.toMatchObject({ code: 'question-answered' });
    expect((await store.inbox(runId)).messages).toMatchObject([{ message: { value: 'first' } }]);
  });

  it('is taken once of many that are given at once', async () => {
    await journal(begin(0));
    const given = await Promise.allSettled(Array.from({ length: 20 }, (_unused, index) => answer(undefined, index)));
    expect(given.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(given.filter(({ status }) => status === 'rejected')).toSatisfy((refused: PromiseRejectedResult[]) =>
      refused.every(({ reason }) => reason.code === 'question-answered'),
    );
    expect(await sent()).toHaveLength(1);
  });

  it('is sent with others only if each of them has a question', async () => {
    await journal(begin(0), begin(1));
    const both = (...keys: readonly string[]): ReturnType<typeof sendAnswers> =>
      sendAnswers(
        store,
        runId,
        keys.map((keyOrId) => ({ keyOrId, value: 1 })),
        () => 10,
      );
    await expect(both('1.0:what?', '9.0:what?')).rejects.toMatchObject({ code: 'question-unknown' });
    await expect(both('1.0:what?', id('1.0:what?'))).rejects.toMatchObject({ code: 'question-answered' });
    expect(await sent()).toEqual([]);
    await both('1.1:what?', '1.0:what?');
    expect(await sent()).toEqual([id('1.1:what?'), id('1.0:what?')]);
  });

  it('is refused by a run that has ended for good, and taken by one that has failed', async () => {
    await journal(begin(0), {
      kind: 'end',
      at: '',
      step: 0,
      end: { status: 'failed', error: 'no' },
      observed: { time: 2 },
    });
    await answer('1.0:what?');
    lease = await store.take(runId);
    await journal({ kind: 'end', at: '', step: 0, end: { status: 'cancelled', reason: 'no' }, observed: { time: 3 } });
    await expect(answer(undefined)).rejects.toMatchObject({ code: 'run-ended' });
    expect(await answerableQuestions(store, runId, 10)).toEqual([]);
    await expect(sendAnswers(store, 'other', [{ keyOrId: undefined, value: 1 }], () => 1)).rejects.toMatchObject({
      code: 'run-unknown',
    });
  });

  it('is refused if it cannot be stored', async () => {
    await journal(begin(0));
    await expect(answer('1.0:what?', { yes: () => true })).rejects.toMatchObject({
      code: 'unstorable',
      message: expect.stringContaining('the answer to 1.0:what?'),
    });
  });
});
