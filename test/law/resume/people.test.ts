// People and signals: what comes to a run from outside while it is driven, paused, killed, or driven elsewhere.
import { append, fields, graph, input, last } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import { canonicalEntries } from '../../../src/journal/run/canonical.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { journalIn, keepTime, leave, places, runId } from './going-on.ts';
import { asDurable } from './prefix-run.ts';

const log = fields({ log: append<string>() });

function engineAt(built: AnyGraph, store: RunStore, clock: ManualClock, id = 'owner', options = {}): RunHost {
  keepTime(store, clock);
  return testEngine(built, { store, clock, id: () => id }, options);
}

function openAt(entries: readonly Entry[]): readonly string[] {
  return entries.filter(({ kind }) => kind === 'note').map((entry) => (entry as { readonly what: string }).what);
}

describe.each(places)('on $name', ({ make }) => {
  /** A task that asks, beside one that works until the gate opens. */
  const beside = (gate: Promise<void>, said: string[] = []): AnyGraph =>
    graph('beside', { state: log })
      .node('start', () => ({}))
      .node('ask', async (_state, { ask }) => {
        const who = await ask<string>('who?');
        said.push(who);
        return { delta: { log: [who] } };
      })
      .node('work', async () => {
        await gate;
        return { delta: { log: ['worked'] } };
      })
      .edge('start', 'ask')
      .edge('start', 'work')
      .start('start')
      .build();

  it('a question is listed and answered while another task runs, here and from another process', async () => {
    for (const isElsewhere of [false, true]) {
      const place = make();
      const clock = new ManualClock();
      const gate = Promise.withResolvers<void>();
      const said: string[] = [];
      const built = beside(gate.promise, said);
      const engine = engineAt(built, place(), clock);
      const other = engineAt(built, place(), clock, 'other');
      const running = engine.run({}, { runId, seed: 'seed' });
      await settled();
      const answering = isElsewhere ? other : engine;
      await expect(answering.answer(runId, '2.1:question', 'Ada')).rejects.toMatchObject({ code: 'question-unknown' });
      const question = await answering.answer(runId, undefined, 'Ada');
      expect(question).toMatchObject({ key: '2.0:question', question: 'who?' });
      if (isElsewhere) await clock.advance(1_000);
      await settled();
      expect(said, 'the task that asked continues while the other one runs').toEqual(['Ada']);
      await expect(answering.answer(runId, '2.0:question', 'Bob')).rejects.toMatchObject({ code: 'question-answered' });
      gate.resolve();
      expect(await running).toMatchObject({ status: 'done', state: { log: ['Ada', 'worked'] } });
      await expect(answering.answer(runId, undefined, 'Bob')).rejects.toMatchObject({ code: 'run-ended' });
      await engine.close();
      await other.close();
    }
  });

  it('an answer to a paused run needs no code, wakes a worker, and is taken once', async () => {
    const place = make();
    const clock = new ManualClock();
    const engine = engineAt(beside(Promise.resolve()), place(), clock);
    expect(await engine.run({}, { runId, seed: 'seed' })).toMatchObject({ status: 'paused' });
    expect(await engine.resumeDue(9, new Set())).toEqual([]);
    await engine.answer(runId, '2.0:question', 'Ada');
    const due = await engine.resumeDue(9, new Set());
    expect(await due[0]?.result).toMatchObject({ status: 'done', state: { log: ['Ada', 'worked'] } });
    expect((await place().inbox(runId)).messages).toEqual([]);
    await engine.close();
  });

  const refund = (price: () => number): AnyGraph =>
    graph('refund', { state: log })
      .node('approve', async (_state, { ask, effect }) => {
        const amount = price();
        const isFine = await ask(`Refund ${amount}?`, { name: 'approve' });
        await effect('pause', null, () => null, { onDoubt: 'ask' });
        return { delta: { log: [`${amount}: ${isFine}`] } };
      })
      .start('approve')
      .build();

  it('an answer counts only for what was asked: a changed question is asked again', async () => {
    const place = make();
    const clock = new ManualClock();
    let price = 44;
    const engine = engineAt(
      refund(() => price),
      place(),
      clock,
    );
    await engine.run({}, { runId, seed: 'seed' });
    price = 4400;
    expect(await engine.resume(runId, { answer: true })).toMatchObject({
      status: 'paused',
      questions: [{ key: '1.0:approve', question: 'Refund 4400?' }],
    });
    await expect(engine.answer(runId, '1.0:approve~0000000', true)).rejects.toMatchObject({ code: 'question-expired' });
    // Back to what was asked first: the answer to that was given to another question of the same text, and is over.
    price = 44;
    expect(await engine.resume(runId)).toMatchObject({ questions: [{ question: 'Refund 44?' }] });
    price = 4400;
    expect(await engine.resume(runId)).toMatchObject({ questions: [{ question: 'Refund 4400?' }] });
    expect(await engine.resume(runId, { answer: false })).toMatchObject({ state: { log: ['4400: false'] } });
    await engine.close();
    const entries = await journalIn(place);
    // The pair of the first question and its answer is still there, and no longer counts.
    expect(openAt(entries).every((what) => what === 'question-changed')).toBe(true);
    const answers = (list: readonly Entry[]): readonly unknown[] =>
      list.flatMap((entry) =>
        entry.kind === 'effect' && entry.type === 'ask' ? [[entry.request, entry.outcome]] : [],
      );
    const [yes, no] = [true, false].map((value) => ({ kind: 'value', value }));
    expect(answers(entries)).toEqual([
      ['Refund 44?', yes],
      ['Refund 4400?', no],
    ]);
    expect(answers(canonicalEntries(entries))).toEqual([['Refund 4400?', no]]);
  });

  it('an answered question that changes after a crash is no divergence: it is asked', async () => {
    const place = make();
    const clock = new ManualClock();
    let price = 44;
    const first = engineAt(
      refund(() => price),
      place(),
      clock,
    );
    await first.run({}, { runId, seed: 'seed' });
    await first.resume(runId, { answer: true });
    await first.close();
    const entries = await journalIn(place);
    const cut = entries.findIndex((entry) => entry.kind === 'effect' && entry.type === 'ask') + 1;
    const later = make();
    await leave(later, entries.slice(0, cut));
    price = 4400;
    const second = engineAt(
      refund(() => price),
      later(),
      clock,
      'second',
    );
    expect(await second.resume(runId)).toMatchObject({ status: 'paused', questions: [{ question: 'Refund 4400?' }] });
    expect(await second.resume(runId, { answer: false })).toMatchObject({ state: { log: ['4400: false'] } });
    await second.close();
  });

  it('attempts that wake take slots again: never more run than `maxConcurrent` allows', async () => {
    let running = 0;
    let most = 0;
    const busy = async (work: () => Promise<unknown>): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await work();
      running -= 1;
    };
    const gate = Promise.withResolvers<void>();
    const asking = graph('asking', { state: log, inputs: { work: input<number>() } })
      .node('start', (_state, { send, goto }) => ({
        route: [...[1, 2, 3].map((number) => send('work', number)), goto('last')],
      }))
      .node('work', async (_state, { ask, input: number }) => {
        const given = await ask<string>(`${number}?`);
        await busy(settled);
        return { delta: { log: [given] } };
      })
      .node('last', async () => {
        await busy(() => gate.promise);
        return {};
      })
      .start('start')
      .build();
    const clock = new ManualClock();
    const engine = engineAt(asking, make()(), clock, 'owner', { maxConcurrent: 1 });
    const run = engine.run({}, { runId, seed: 'seed' });
    await settled();
    for (const rank of [0, 1, 2]) await engine.answer(runId, `2.${rank}:question`, `answer ${rank}`);
    await settled();
    expect([running, most]).toEqual([1, 1]);
    gate.resolve();
    const log3 = ['answer 0', 'answer 1', 'answer 2'];
    expect(await run).toMatchObject({ status: 'done', state: { log: log3 } });
    expect([running, most]).toEqual([0, 1]);
    await engine.close();
  });

  const receiving = graph('receiving', { state: log })
    .node('start', () => ({}))
    .node('left', async (_state, { receive }) => ({ delta: { log: [await receive<string>('word')] } }))
    .node('right', async (_state, { receive }) => {
      const one = await receive<string>('word');
      return { delta: { log: [one, await receive<string>('other')] } };
    })
    .edge('start', 'left')
    .edge('start', 'right')
    .start('start')
    .build();

  it('signals are received in order, by those that asked first, also those that came before', async () => {
    const place = make();
    const clock = new ManualClock();
    const engine = engineAt(receiving, place(), clock);
    const paused = await engine.run({}, { runId, seed: 'seed' });
    expect(paused).toMatchObject({ status: 'paused', questions: [], signals: ['word'] });
    await engine.send(runId, 'other', 'early');
    for (const word of ['a', 'b', 'c']) await engine.send(runId, 'word', word);
    const [due] = await engine.resumeDue(9, new Set());
    expect(await due?.result).toMatchObject({ status: 'done', state: { log: ['a', 'b', 'early'] } });
    await expect(engine.send(runId, 'word', 'late')).rejects.toMatchObject({ code: 'run-ended' });
    await expect(engine.send('unknown', 'word', 'late')).rejects.toMatchObject({ code: 'run-unknown' });
    await engine.close();
  });

  it('a signal that nobody waits for wakes a run once, and another process sends within a second', async () => {
    const place = make();
    const clock = new ManualClock();
    const engine = engineAt(receiving, place(), clock);
    const other = engineAt(receiving, place(), clock, 'other');
    await engine.run({}, { runId, seed: 'seed' });
    await other.send(runId, 'unheard', 1);
    const [due] = await engine.resumeDue(9, new Set());
    expect(await due?.result).toMatchObject({ status: 'paused', signals: ['word'] });
    expect(await engine.resumeDue(9, new Set())).toEqual([]);
    await engine.close();
    await other.close();
  });

  const limited = graph('limited', { state: fields({ end: last('') }) })
    .node('wait', async (_state, { receive }) => {
      try {
        return { delta: { end: await receive<string>('word', { timeoutMs: 5_000 }) } };
      } catch (thrown) {
        return { delta: { end: String((thrown as { readonly code?: unknown }).code) } };
      }
    })
    .start('wait')
    .build();

  it('a wait for a signal ends at its due time, also after a pause, and a signal in time counts', async () => {
    for (const isSent of [false, true]) {
      const place = make();
      const clock = new ManualClock();
      const engine = engineAt(limited, place(), clock);
      expect(await engine.run({}, { runId, seed: 'seed' })).toMatchObject({ status: 'paused', wakeAt: 5_000 });
      await clock.advance(4_000);
      expect(await engine.resume(runId)).toMatchObject({ status: 'paused', wakeAt: 5_000 });
      if (isSent) await engine.send(runId, 'word', 'in time');
      await engine.close();
      const later = new ManualClock(6_000);
      const second = engineAt(limited, place(), later);
      const [due] = await second.resumeDue(9, new Set());
      const end = isSent ? 'in time' : 'receive-timeout';
      expect(await due?.result).toMatchObject({ status: 'done', state: { end } });
      await second.close();
    }
  });

  it('a signal that comes after the limit is not the one, whether a process was there or not, and is kept', async () => {
    const patient = graph('patient', { state: log })
      .node('wait', async (_state, { receive }) => {
        const first = await receive<string>('word', { timeoutMs: 5_000 }).catch(({ code }: { code: string }) => code);
        return { delta: { log: [first, await receive<string>('word')] } };
      })
      .start('wait')
      .build();
    for (const [sentAt, end] of [
      [4_999, ['word', 'next']],
      [5_000, ['receive-timeout', 'word']],
      [5_500, ['receive-timeout', 'word']],
    ] as const) {
      for (const isThere of [false, true]) {
        const place = make();
        const engine = engineAt(patient, place(), new ManualClock());
        await engine.run({}, { runId, seed: 'seed' });
        await engine.close();
        const clock = new ManualClock(sentAt);
        const sender = engineAt(patient, place(), clock, 'sender');
        await sender.send(runId, 'word', 'word');
        await sender.send(runId, 'word', 'next');
        if (isThere) expect(await sender.resume(runId), `at ${sentAt}`).toMatchObject({ state: { log: end } });
        await sender.close();
        if (isThere) continue;
        const second = engineAt(patient, place(), new ManualClock(6_000));
        const [due] = await second.resumeDue(9, new Set());
        expect(await due?.result, `at ${sentAt}`).toMatchObject({ status: 'done', state: { log: end } });
        await second.close();
      }
    }
  });

  it('a signal that is seen before the limit is in time, whatever the clock of its sender says', async () => {
    const place = make();
    const clock = new ManualClock();
    const engine = engineAt(limited, place(), clock);
    await engine.run({}, { runId, seed: 'seed' });
    const ahead = engineAt(limited, place(), new ManualClock(3_600_000), 'sender');
    await ahead.send(runId, 'word', 'from ahead');
    await ahead.close();
    await clock.advance(4_000);
    expect(await engine.resume(runId)).toMatchObject({ status: 'done', state: { end: 'from ahead' } });
    await engine.close();
  });

  it('a run that failed keeps its questions and signals for the resume', async () => {
    const place = make();
    const clock = new ManualClock();
    let isMended = false;
    const failing = graph('failing', { state: log })
      .node('start', () => ({}))
      .node('ask', async (_state, { ask, receive }) => {
        const who = await ask<string>('who?');
        return { delta: { log: [who, await receive<string>('word')] } };
      })
      .node('fails', async () => {
        await settled();
        if (!isMended) throw new Error('no');
        return {};
      })
      .edge('start', 'ask')
      .edge('start', 'fails')
      .start('start')
      .build();
    const engine = engineAt(failing, place(), clock);
    expect((await engine.run({}, { runId, seed: 'seed' })).status).toBe('failed');
    await engine.answer(runId, '2.0:question', 'Ada');
    await engine.send(runId, 'word', 'go');
    isMended = true;
    expect(await engine.resume(runId)).toMatchObject({ status: 'done', state: { log: ['Ada', 'go'] } });
    await engine.close();
  });

  it('a resume with an answer leaves the answer to the process that drives the run', async () => {
    const place = make();
    const clock = new ManualClock();
    const gate = Promise.withResolvers<void>();
    const built = beside(gate.promise);
    const engine = engineAt(built, asDurable(place()), clock);
    const other = engineAt(built, asDurable(place()), clock, 'other');
    const running = engine.run({}, { runId, seed: 'seed' });
    await settled();
    await expect(other.resume(runId, { answer: 'Ada' })).rejects.toMatchObject({
      code: 'run-owned',
      nextStep: expect.stringContaining('the answer is stored'),
    });
    await clock.advance(1_000);
    gate.resolve();
    expect(await running).toMatchObject({ status: 'done', state: { log: ['Ada', 'worked'] } });
    await engine.close();
    await other.close();
  });

  it('a resume with an answer gives the result of a run that is driven here', async () => {
    const clock = new ManualClock();
    const gate = Promise.withResolvers<void>();
    const engine = engineAt(beside(gate.promise), make()(), clock);
    const running = engine.run({}, { runId, seed: 'seed' });
    await settled();
    const resumed = engine.resume(runId, { answer: 'Ada' });
    await settled();
    gate.resolve();
    const done = { status: 'done', state: { log: ['Ada', 'worked'] } };
    expect([await resumed, await running]).toMatchObject([done, done]);
    await engine.close();
  });

  it('a fork begins with an empty inbox', async () => {
    const clock = new ManualClock();
    const engine = engineAt(receiving, make()(), clock);
    await engine.run({}, { runId, seed: 'seed' });
    await engine.send(runId, 'word', 'a');
    const fork = await engine.fork(runId, { step: 1, runId: 'fork' }, {});
    expect(fork).toMatchObject({ status: 'paused', signals: ['word'] });
    await engine.close();
  });

  it('`sleepUntil` wakes at its time, and a resume waits only for the rest', async () => {
    const place = make();
    const napping = graph('napping', { state: log })
      .node('nap', async (_state, { sleepUntil }) => {
        await sleepUntil(new Date(10_000));
        await sleepUntil(5_000);
        return { delta: { log: ['rested'] } };
      })
      .start('nap')
      .build();
    const clock = new ManualClock();
    const first = engineAt(napping, place(), clock);
    const begun = first.run({}, { runId, seed: 'seed' });
    await clock.advance(4_000);
    await first.close();
    expect((await begun).status).toBe('interrupted');
    const later = new ManualClock(9_000);
    const second = engineAt(napping, place(), later);
    const resumed = second.resume(runId);
    await later.advance(1_000);
    expect(await resumed).toMatchObject({ status: 'done', state: { log: ['rested'] } });
    expect(later.delays).toContain(1_000);
    await second.close();
  });
});
