import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../../src/diff/index.ts';
import { divergenceReason, divergenceSentence } from '../../../src/report/divergence/sentence.ts';
import type { Divergence } from '../../../src/diff/divergence.ts';
import type { Comparison, CompareRunsOptions } from '../../../src/diff/index.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import { RunComparer } from '../../../src/diff/compare/run-comparer.ts';
import { ownStop } from '../../../src/journal/run/own-stop.ts';
import { canonicalSteps, canonicalStepsOf } from '../../../src/journal/run/canonical.ts';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import {
  commitEntry,
  effectEntry,
  endEntry,
  eventEntry,
  httpEffect,
  later,
  outcomeEntry,
  runEntry,
  smallJournal,
} from '../../support/journals.ts';

function compare(
  recorded: readonly Entry[],
  replayed: readonly Entry[],
  options?: CompareRunsOptions,
): Promise<Comparison> {
  const view = (entries: readonly Entry[]) => ({ run: entries[0] as RunEntry, steps: canonicalSteps(entries) });
  return compareRuns(view(recorded), view(replayed), options);
}

function summary({ divergences }: Comparison): readonly string[] {
  return divergences.map(
    ({ kind, at, path, follows }) => `${kind} ${at} ${path}${follows === undefined ? '' : ` < ${follows}`}`,
  );
}

/** A run of `ask` in each of so many steps, whose deltas and answers are given by step. */
function chain(length: number, given: (step: number) => { readonly text?: string; readonly answer?: string }): Entry[] {
  const frontier = [{ node: 'ask' }];
  const entries: Entry[] = [runEntry('chain'), commitEntry('0', { input: { text: '' }, frontier })];
  for (let step = 1; step <= length; step += 1) {
    const { text = `text ${step}`, answer = 'sunny' } = given(step);
    entries.push(
      effectEntry(`${step}.0#1`, { outcome: { kind: 'value', value: answer } }),
      outcomeEntry(`${step}.0#1`, { result: { status: 'done', delta: { text } } }),
      commitEntry(String(step), step === length ? {} : { frontier }),
    );
  }
  return [...entries, endEntry({ step: length })];
}

describe('two runs', () => {
  it('are the same where times, ids and seeds differ', async () => {
    const other = smallJournal('run-2').map((entry) =>
      entry.kind === 'run'
        ? { ...entry, seed: 'other', observed: { ...entry.observed, time: 5 } }
        : ({ ...entry, observed: { time: 9, began: 9, ended: 9 } } as unknown as Entry),
    );
    expect(await compare(smallJournal(), other)).toMatchObject({
      verdict: 'same',
      compared: { steps: 1, tasks: 1, attempts: 1, effects: 1, chunks: 0, events: 1 },
    });
  });

  it('tell what one attempt asked for differently from the first request on, if both say when', async () => {
    const run = (day: string, began: (turn: number) => number): Entry[] => {
      const asked = ['zoo', 'mall', 'airport'].map((name, turn) =>
        effectEntry('1.0#1', { name, request: { day }, observed: { began: began(turn), ended: 9 } }),
      );
      return [
        ...[runEntry('r'), commitEntry('0', { input: { text: '' }, frontier: [{ node: 'ask' }] })],
        ...[...asked, outcomeEntry('1.0#1'), commitEntry('1', {}), endEntry({ step: 1 })],
      ];
    };
    const placesOf = async (one: (turn: number) => number, other: (turn: number) => number): Promise<unknown> => {
      const { divergences } = await compare(run('monday', one), run('tuesday', other));
      return divergences.map(({ kind, address }) => `${kind} ${address}`);
    };
    const inTime = ['request 1.0#1:call:zoo', 'request 1.0#1:call:mall', 'request 1.0#1:call:airport'];
    expect(
      await placesOf(
        (turn) => 1 + turn,
        (turn) => 5 + turn,
      ),
    ).toEqual(inTime);
    const unknown = await placesOf(
      (turn) => 1 + turn,
      () => 0,
    );
    expect(unknown).toEqual([...inTime].reverse());
  });

  it('may come from a disk', async () => {
    const steps = () => canonicalStepsOf(later(smallJournal()));
    const run = runEntry('run-1');
    expect((await compareRuns({ run, steps: steps() }, { run, steps: steps() })).verdict).toBe('same');
  });

  it('report a field once, and what the same cause does later under it', async () => {
    const recorded = chain(6, () => ({}));
    const replayed = chain(6, (step) =>
      step === 2 ? { answer: 'rain', text: 'rain' } : step > 2 ? { text: `rain ${step}` } : {},
    );
    expect(summary(await compare(recorded, replayed))).toEqual([
      'answer 2.0#1 answer',
      'output 2.0#1 delta.text < 0',
      'state 2 state.text < 1',
      'output 3.0#1 delta.text < 2',
      'output 4.0#1 delta.text < 2',
      'output 5.0#1 delta.text < 2',
      'output 6.0#1 delta.text < 2',
    ]);
  });

  it('report a field again that was the same in between', async () => {
    const replayed = chain(5, (step) => (step === 1 || step === 4 ? { text: 'rain' } : {}));
    expect(
      summary(
        await compare(
          chain(5, () => ({})),
          replayed,
        ),
      ),
    ).toEqual([
      'output 1.0#1 delta.text',
      'state 1 state.text < 0',
      'output 4.0#1 delta.text',
      'state 4 state.text < 2',
    ]);
  });

  it('list so many differences, and count the rest', async () => {
    const replayed = chain(9, () => ({ answer: 'rain' }));
    const comparison = await compare(
      chain(9, () => ({})),
      replayed,
      { maxDivergences: 4 },
    );
    expect(comparison).toMatchObject({ verdict: 'diverged', omitted: 5 });
    expect(comparison.divergences).toHaveLength(4);
  });

  it('differ where one continues and the other ends', async () => {
    const comparison = await compare(
      chain(2, () => ({})),
      chain(4, () => ({})),
    );
    expect(summary(comparison)).toEqual(['frontier 2 frontier[0]']);
    expect(comparison).toMatchObject({ onlyRecorded: 0, onlyReplayed: 2 });
  });

  it('differ where one has not ended', async () => {
    const comparison = await compare(
      chain(4, () => ({})),
      chain(4, () => ({})).slice(0, -4),
    );
    expect(comparison).toMatchObject({ verdict: 'diverged', onlyRecorded: 1, onlyReplayed: 0 });
    expect(comparison.divergences).toMatchObject([
      { kind: 'error', path: 'end', recorded: 'done after step 4', replayed: 'unfinished after step 3' },
    ]);
  });

  it('say nothing of the end of a replay that has seen enough', () => {
    const steps = (entries: readonly Entry[]) => [...canonicalSteps(entries)].map((step) => step.entries);
    const recorded = steps(chain(3, () => ({})));
    const replayed = steps([...chain(3, () => ({})).slice(0, 5), endEntry({ step: 1, end: ownStop })]);
    const comparer = new RunComparer({ mode: 'effects' });
    for (const [place, entries] of recorded.entries()) comparer.add(entries, replayed[place] ?? []);
    expect(comparer.divergences).toEqual([]);
    expect(comparer.counts.steps).toBe(1);
  });

  it('are the same as far as both have come', async () => {
    const half = chain(4, () => ({})).slice(0, -4);
    expect((await compare(half, half)).verdict).toBe('same');
  });

  it('say of a failed step what failed, and not what was aborted for it', async () => {
    const error = canonicalValue(new Error('no'), 'error');
    const frontier = [{ node: 'ask' }, { node: 'answer' }];
    const begin: readonly Entry[] = [runEntry('run-1'), commitEntry('0', { input: {}, frontier })];
    const recorded = [
      ...begin,
      outcomeEntry('1.0#1'),
      outcomeEntry('1.1#1', { node: 'answer', result: { status: 'done' } }),
      commitEntry('1'),
      endEntry(),
    ];
    const replayed = [
      ...begin,
      outcomeEntry('1.0#1', { result: { status: 'failed', error } }),
      endEntry({ step: 0, end: { status: 'failed', error, task: '1.0' as never } }),
    ];
    expect(summary(await compare(recorded, replayed))).toEqual(['error 1.0#1 result', 'error 1.0 end < 0']);
  });

  it('compare reprise errors by code and facts, and others by their text', async () => {
    const failed = (message: string, name: string): readonly Entry[] => {
      const error = canonicalValue(Object.assign(new Error(message), { name, code: 'x' }), 'error');
      return [
        runEntry('run-1'),
        commitEntry('0', { input: {}, frontier: [{ node: 'ask' }] }),
        outcomeEntry('1.0#1', { result: { status: 'failed', error } }),
        endEntry({ step: 0, end: { status: 'failed', error, task: '1.0' as never } }),
      ];
    };
    expect((await compare(failed('a', 'RepriseError'), failed('b', 'RepriseError'))).verdict).toBe('same');
    expect(summary(await compare(failed('a', 'Error'), failed('b', 'Error')))).toEqual([
      'error 1.0#1 error.message',
      'error 1.0 end < 0',
    ]);
  });
});

describe('the attempts of a task', () => {
  const error = canonicalValue(new Error('status 503'), 'error');
  const ask = (attempts: number) => {
    const graph = runEntry('retried').graph;
    const [first, ...others] = graph.nodes;
    return runEntry('retried', { ...graph, nodes: [{ ...first, attempts }, ...others] as typeof graph.nodes });
  };
  const failing = (count: number, options = count): readonly Entry[] => [
    { ...ask(options), fingerprint: String(options).repeat(16) },
    commitEntry('0', { input: {}, frontier: [{ node: 'ask' }] }),
    ...Array.from({ length: count }, (_none, place) => place + 1).flatMap((number) => [
      effectEntry(`1.0#${number}`),
      outcomeEntry(`1.0#${number}`, { result: { status: 'failed', error } }),
    ]),
    endEntry({ step: 0, end: { status: 'failed', error, task: '1.0' as never } }),
  ];

  it.each([
    [3, 1],
    [2, 3],
  ])('are counted where the run fails the same in the end: %i, then %i', async (before, now) => {
    const comparison = await compare(failing(before), failing(now));
    expect(comparison.divergences).toMatchObject([
      { kind: 'graph', path: 'graph.nodes["ask"].attempts' },
      { kind: 'error', at: `1.0#${Math.min(before, now) + 1}`, path: 'attempts', recorded: before, replayed: now },
    ]);
    expect(comparison.roots).toMatchObject([{ class: 'graph changed' }, { class: 'graph changed', behind: [0] }]);
    const [sentence = '', reason = ''] = [1].flatMap((place) => {
      const found = comparison.divergences[place] as Divergence;
      return [divergenceSentence(found), divergenceReason(found, comparison) ?? ''];
    });
    expect(sentence).toContain(`makes ${now} attempt${now === 1 ? '' : 's'}, and not ${before}`);
    expect(reason).toContain('graph.nodes["ask"].attempts was changed');
  });

  it('are its code where the graph allows as many', async () => {
    expect((await compare(failing(3, 3), failing(1, 3))).roots).toMatchObject([{ class: 'code changed' }]);
    expect((await compare(failing(3), failing(3))).verdict).toBe('same');
  });
});

describe('the effects of an attempt', () => {
  const journal = (effects: readonly Entry[]): readonly Entry[] => [
    runEntry('run-1'),
    commitEntry('0', { input: {}, frontier: [{ node: 'ask' }] }),
    ...effects,
    outcomeEntry('1.0#1'),
    commitEntry('1'),
    endEntry(),
  ];
  const ask = (query: string, fields = {}): Entry => effectEntry('1.0#1', { request: { query, size: 10 }, ...fields });

  it('are the same in whichever order they were called', async () => {
    const comparison = await compare(journal([ask('a'), ask('b')]), journal([ask('b'), ask('a')]));
    expect(comparison.verdict).toBe('same');
  });

  it('are compared with the recorded one that is most like them', async () => {
    const far = ask('far', { request: { other: true } });
    const comparison = await compare(journal([far, ask('old')]), journal([ask('new')]));
    expect(comparison.divergences).toMatchObject([
      { kind: 'request', path: 'request.query', recorded: 'old', replayed: 'new' },
      { kind: 'unused effect', recorded: { other: true } },
    ]);
  });

  it('are named by addresses, and one that was not recorded never by that of one that was', async () => {
    const call = (name: string, request: number, fields = {}): Entry =>
      effectEntry('1.0#1', { name, request, ...fields });
    const recorded = [call('answered', 1), call('changed', 1), call('kept', 1), call('left', 1)];
    const replayed = [call('answered', 1, { outcome: { kind: 'value', value: 'rain' } }), call('changed', 2)];
    const comparison = await compare(
      journal([...recorded, call('left', 2, { label: 'x' })]),
      journal([...replayed, call('kept', 1), call('kept', 2)]),
    );
    expect(comparison.divergences.map(({ kind, address }) => `${kind} ${address}`)).toEqual([
      'answer 1.0#1:call:answered',
      'request 1.0#1:call:changed',
      'missing effect 1.0#1:call:kept~d4735e3',
      'unused effect 1.0#1:call:left~6b86b27',
      'unused effect 1.0#1:call:left~d4735e3@x',
    ]);
  });

  it.each<[string, readonly Entry[], readonly Entry[], readonly string[]]>([
    [
      'another name',
      [ask('a')],
      [ask('a', { name: 'find' })],
      ['missing effect 1.0#1 request', 'unused effect 1.0#1 request'],
    ],
    ['the same once more', [ask('a')], [ask('a'), ask('a', { occurrence: 1 })], ['missing effect 1.0#1 request']],
    ['a mark that it happens once', [ask('a', { once: true })], [ask('a')], ['request 1.0#1 once']],
    ['another key', [ask('a', { label: 'x' })], [ask('a', { label: 'y' })], ['request 1.0#1 key']],
    ['another answer', [ask('a')], [ask('a', { outcome: { kind: 'value', value: 'rain' } })], ['answer 1.0#1 answer']],
    [
      'a failure for an answer',
      [ask('a')],
      [ask('a', { outcome: { kind: 'error', error: canonicalValue(new Error('down'), 'error') } })],
      ['answer 1.0#1 answer'],
    ],
  ])('differ by %s', async (_name, recorded, replayed, expected) => {
    expect(summary(await compare(journal(recorded), journal(replayed)))).toEqual(expected);
  });

  const wrote = (text: string, effects: readonly Entry[]): readonly Entry[] => [
    ...journal(effects).slice(0, -3),
    outcomeEntry('1.0#1', { result: { status: 'done', delta: { text } } }),
    commitEntry('1'),
    endEntry(),
  ];

  it('are not what an output follows from that came of the same answers', async () => {
    const comparison = await compare(wrote('60', [ask('old')]), wrote('61', [ask('new')]));
    expect(summary(comparison).slice(0, 2)).toEqual(['request 1.0#1 request.query', 'output 1.0#1 delta.text']);
    const other = { outcome: { kind: 'value', value: 'rain' } } as const;
    expect(summary(await compare(wrote('60', [ask('old')]), wrote('61', [ask('new', other)])))).toContain(
      'output 1.0#1 delta.text < 0',
    );
    expect(summary(await compare(wrote('60', [ask('old')]), wrote('61', [])))).toContain('output 1.0#1 delta.text < 0');
  });

  it('are compared by all that they say, and answers that lead to nothing come last', async () => {
    const chat = (body: object, answer: object): Entry =>
      httpEffect('1.0#1', JSON.stringify(answer), {
        request: { method: 'POST', path: '/v1/chat', body: { json: body as never } },
      });
    const call = (prompt: string): Entry => ask('x', { name: 'other', request: { model: prompt, top: prompt } });
    const comparison = await compare(
      journal([chat({}, { id: 'a1', text: 'yes' }), call('small')]),
      journal([chat({}, { id: 'b2', text: 'yes' }), call('large')]),
    );
    expect(comparison.roots.map(({ place }) => comparison.divergences[place])).toMatchObject([
      { kind: 'request', path: 'request.model', also: ['request.top'] },
      { kind: 'answer', path: 'answer.body.id', recorded: 'a1', replayed: 'b2' },
    ]);
  });

  it('follow from an answer before them that differs', async () => {
    const timed = (began: number, fields = {}): object => ({ observed: { began, ended: began + 10 }, ...fields });
    const rain = { outcome: { kind: 'value', value: 'rain' } };
    const recorded = [ask('look', timed(100)), ask('old', { name: 'model', ...timed(120) })];
    const replayed = (began: number) => [ask('look', timed(100, rain)), ask('new', { name: 'model', ...timed(began) })];
    expect(summary(await compare(journal(recorded), journal(replayed(120))))).toEqual([
      'answer 1.0#1 answer',
      'request 1.0#1 request.query < 0',
    ]);
    expect(summary(await compare(journal(recorded), journal(replayed(105))))).toEqual([
      'answer 1.0#1 answer',
      'request 1.0#1 request.query',
    ]);
  });

  it('and its events differ by name, data and stream', async () => {
    const recorded = journal([eventEntry('1.0#1')]);
    for (const fields of [{ name: 'other' }, { data: 1 }, { stream: 'b' }])
      expect((await compare(recorded, journal([eventEntry('1.0#1', fields)]))).divergences).toMatchObject([
        { kind: 'event', at: '1.0#1' },
      ]);
    expect(summary(await compare(recorded, journal([])))).toEqual(['event 1.0#1 events[0]']);
  });
});

describe('the cost of comparing', () => {
  it('grows with what the steps hold, not with the state behind them', async () => {
    const steps = 10_000;
    const graph = {
      ...runEntry('long').graph,
      state: { kind: 'fields', fields: { log: { kind: 'append', required: false, initial: [] } } },
    } as const;
    const frontier = [{ node: 'ask' }];
    const long = (changed: number): Entry[] => {
      const entries: Entry[] = [runEntry('long', graph), commitEntry('0', { input: {}, frontier })];
      for (let step = 1; step <= steps; step += 1) {
        const log = canonicalValue([step === changed ? 'changed' : `line ${step}`], 'log');
        entries.push(outcomeEntry(`${step}.0#1`, { result: { status: 'done', delta: { log } } }));
        entries.push(commitEntry(String(step), step === steps ? {} : { frontier }));
      }
      return [...entries, endEntry({ step: steps })];
    };
    const comparison = await compare(long(0), long(steps / 2));
    expect(summary(comparison)).toEqual([
      `output ${steps / 2}.0#1 delta.log[0]`,
      `state ${steps / 2} state.log[${steps / 2 - 1}] < 0`,
    ]);
  }, 10_000);
});
