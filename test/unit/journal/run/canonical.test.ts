import { describe, expect, it } from 'vitest';
import { compareEntries } from '../../../../src/journal/run/canonical-order.ts';
import { StepGatherer, canonicalEntries, canonicalStepsOf } from '../../../../src/journal/run/canonical.ts';
import type { BeginEntry, Entry, RunEnd } from '../../../../src/journal/entry.ts';
import type { AttemptKey, TaskKey } from '../../../../src/journal/key.ts';
import {
  collected,
  commitEntry,
  effectEntry,
  endEntry,
  eventEntry,
  graphOf,
  httpEffect,
  later,
  outcomeEntry,
  runEntry,
  smallJournal,
} from '../../../support/journals.ts';

function places(entries: readonly Entry[]): readonly string[] {
  return canonicalEntries(entries).map(({ kind, at }) => `${kind} ${at}`.trim());
}

const failed = { result: { status: 'failed', error: 'no' } } as const;

function failedRun(end: RunEnd): readonly Entry[] {
  return [
    runEntry('r'),
    commitEntry('0'),
    outcomeEntry('1.2#1', failed),
    effectEntry('1.2#1'),
    outcomeEntry('1.0#1'),
    outcomeEntry('1.1#2', failed),
    outcomeEntry('1.1#1', failed),
    endEntry({ step: 0, end }),
  ];
}

describe('canonicalEntries', () => {
  it('orders by the numbers of keys, and ends a step with its commit', () => {
    const entries = [
      runEntry('r'),
      commitEntry('0'),
      outcomeEntry('1.10#1'),
      outcomeEntry('1.2#10'),
      outcomeEntry('1.2#9'),
      outcomeEntry('1.0#1'),
      commitEntry('1'),
      endEntry(),
    ];
    expect(places(entries)).toEqual([
      'run',
      'commit 0',
      'outcome 1.0#1',
      'outcome 1.2#9',
      'outcome 1.2#10',
      'outcome 1.10#1',
      'commit 1',
      'end',
    ]);
  });

  it('orders a step of many tasks as each two of its entries', () => {
    const ranks = Array.from({ length: 60 }, (_, place) => (place * 37) % 60).filter((rank) => rank !== 7);
    const entries = ranks.flatMap((rank) => {
      const at = `1.${rank}#1`;
      return [outcomeEntry(at), effectEntry(at, { occurrence: 1 }), commitEntry(`${at}/0`), effectEntry(at)];
    });
    const first = [runEntry('r'), commitEntry('0')];
    const all = [...entries, outcomeEntry('1.3#2'), commitEntry('1')];
    expect(canonicalEntries([...first, ...all, endEntry()])).toEqual([
      ...first,
      ...all.toSorted(compareEntries),
      endEntry(),
    ]);
  });

  it('orders an attempt: effects by their keys, inner steps, events by stream, outcome', () => {
    const at = '1.0#1';
    const entries = [
      runEntry('r'),
      outcomeEntry(at),
      eventEntry(at, { stream: 'b' }),
      eventEntry(at, { ordinal: 1 }),
      eventEntry(at, { ordinal: 0 }),
      commitEntry(`${at}/1`),
      outcomeEntry(`${at}/1.0#1`),
      commitEntry(`${at}/0`),
      effectEntry(at, { occurrence: 1 }),
      httpEffect(at, 'x'),
      effectEntry(at, { occurrence: 0 }),
      effectEntry(at, { name: 'a' }),
      commitEntry('1'),
    ];
    expect(canonicalEntries(entries).slice(1)).toEqual([
      effectEntry(at, { name: 'a' }),
      effectEntry(at, { occurrence: 0 }),
      effectEntry(at, { occurrence: 1 }),
      httpEffect(at, 'x'),
      commitEntry(`${at}/0`),
      outcomeEntry(`${at}/1.0#1`),
      commitEntry(`${at}/1`),
      eventEntry(at, { ordinal: 0 }),
      eventEntry(at, { ordinal: 1 }),
      eventEntry(at, { stream: 'b' }),
      outcomeEntry(at),
      commitEntry('1'),
    ]);
  });

  it('keeps of a failed step the ranks up to the failing one', () => {
    expect(places(failedRun({ status: 'failed', error: 'no', task: '1.1' as TaskKey }))).toEqual([
      'run',
      'commit 0',
      'outcome 1.0#1',
      'outcome 1.1#1',
      'outcome 1.1#2',
      'end',
    ]);
  });

  it('keeps all ranks of a failed step where no task is to blame', () => {
    expect(places(failedRun({ status: 'failed', error: { code: 'conflict' } }))).toHaveLength(8);
  });

  it('keeps of a step that was cancelled or cut by a limit only that fact', () => {
    for (const end of [
      { status: 'cancelled', reason: 'enough' },
      { status: 'failed', error: { name: 'RepriseError', code: 'limit-reached' } },
    ] as const)
      expect(places(failedRun(end))).toEqual(['run', 'commit 0', 'end']);
  });

  it('leaves out a step that has no end yet', () => {
    expect(places(failedRun({ status: 'done' }).slice(0, -1))).toEqual(['run', 'commit 0']);
  });

  it('keeps that there was a run, however early it ended', () => {
    const run = runEntry('run-1');
    const end = endEntry({ step: -1, end: { status: 'cancelled', reason: 'too late' } });
    expect(canonicalEntries([run])).toEqual([run]);
    expect(canonicalEntries([run, end])).toEqual([run, end]);
  });

  it('takes no error of a user for a limit', () => {
    const error = Object.assign(new Error('mine'), { code: 'limit-reached' });
    const journal = [
      ...smallJournal().slice(0, 5),
      endEntry({ step: 0, end: { status: 'failed', error, task: '1.0' as TaskKey } }),
    ];
    expect(canonicalEntries(journal).map(({ kind }) => kind)).toEqual([
      'run',
      'commit',
      'effect',
      'event',
      'outcome',
      'end',
    ]);
  });

  it('gives one step at a time', async () => {
    const entries = [runEntry('r'), commitEntry('0'), outcomeEntry('1.0#1'), commitEntry('1'), endEntry()];
    const steps = await collected(canonicalStepsOf(later(entries)));
    expect(steps.map(({ step, entries: inStep }) => [step, inStep.map(({ kind }) => kind)])).toEqual([
      [0, ['run', 'commit']],
      [1, ['outcome', 'commit']],
      [2, ['end']],
    ]);
  });
});

describe('an inner run', () => {
  const child = {
    ...graphOf('child'),
    nodes: [
      { name: 'ask', takesInput: false },
      { name: 'rescued', takesInput: false, onError: 'ask' },
    ],
  };
  const graph = { ...graphOf(), nodes: [{ name: 'inner', takesInput: false, subgraph: child }] };
  const at = '1.0#1';

  function innerRun(status: 'failed' | 'timeout', firstNode: string): readonly Entry[] {
    return [
      runEntry('r', graph),
      commitEntry('0'),
      commitEntry(`${at}/0`),
      outcomeEntry(`${at}/1.2#1`),
      outcomeEntry(`${at}/1.1#1`, failed),
      outcomeEntry(`${at}/1.0#1`, { node: firstNode, ...failed }),
      outcomeEntry(at, { node: 'inner', result: { status, error: 'no' } }),
      outcomeEntry('1.0#2', { node: 'inner' }),
      commitEntry('1'),
    ];
  }

  it('that failed keeps the ranks up to the one that failed it', () => {
    expect(places(innerRun('failed', 'ask'))).toEqual([
      'run',
      'commit 0',
      `commit ${at}/0`,
      `outcome ${at}/1.0#1`,
      `outcome ${at}`,
      'outcome 1.0#2',
      'commit 1',
    ]);
  });

  it('is not failed by a task whose failure goes to another node', () => {
    expect(places(innerRun('failed', 'rescued'))).toContain(`outcome ${at}/1.1#1`);
    expect(places(innerRun('failed', 'rescued'))).not.toContain(`outcome ${at}/1.2#1`);
  });

  it('that a timeout cut keeps only what it committed', () => {
    expect(places(innerRun('timeout', 'ask'))).toEqual([
      'run',
      'commit 0',
      `commit ${at}/0`,
      `outcome ${at}`,
      'outcome 1.0#2',
      'commit 1',
    ]);
  });
});

describe('the open step of a run', () => {
  const wait = (at: string, type: 'ask' | 'receive' | 'call', name: string): BeginEntry => ({
    kind: 'begin',
    at: at as AttemptKey,
    node: 'ask',
    type,
    name,
    request: name,
    occurrence: 0,
    observed: { time: 1 },
  });
  const openOf = (...entries: readonly Entry[]): readonly string[] => {
    const gatherer = new StepGatherer();
    for (const entry of [runEntry('r'), commitEntry('0'), ...entries]) gatherer.add(entry);
    return (gatherer.open()?.entries ?? []).map((entry) => `${entry.kind} ${entry.at}`);
  };
  const [asked, awaited] = [wait('1.0#1', 'ask', 'sure'), wait('1.1#1', 'receive', 'paid')];

  it('has the questions and the signals that it waits for', () => {
    expect(openOf(wait('1.2#1', 'call', 'charge'), awaited, asked)).toEqual(['begin 1.0#1', 'begin 1.1#1']);
  });

  it('has none of those that came', () => {
    const answer = effectEntry('1.0#1', { type: 'ask', name: 'sure', request: 'sure' });
    const signal = effectEntry('1.1#1', { type: 'receive', name: 'paid', request: 'paid' });
    expect(openOf(asked, awaited, answer, signal)).toEqual(['effect 1.0#1', 'effect 1.1#1']);
  });

  it('has none of an attempt that is over, nor of one inside it', () => {
    const inside = wait('1.0#1/1.0#1', 'receive', 'paid');
    const over = outcomeEntry('1.0#1', { result: { status: 'timeout', error: 'late' } });
    expect(openOf(asked, inside, awaited, wait('1.0#10', 'ask', 'sure'), over)).toEqual([
      'outcome 1.0#1',
      'begin 1.0#10',
      'begin 1.1#1',
    ]);
  });
});
