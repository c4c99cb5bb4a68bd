// Runs that wait: for time, for people, at a breakpoint; and runs that are cancelled from elsewhere.
import { append, createEngine, fields, graph } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { engineAt, journalIn, keysOf, places, runId } from './going-on.ts';

describe.each(places)('on $name', ({ make }) => {
  it('an interrupted long sleep waits only for the remaining time', async () => {
    const place = make();
    const napping = graph('napping', { state: fields({ log: append<string>() }) })
      .node('nap', async (_state, { sleep }) => {
        await sleep(10_000);
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
    let status: string | undefined;
    const resumed = second.resume(runId).then((run) => {
      ({ status } = run);
      return run;
    });
    await later.advance(999);
    expect(status).toBeUndefined();
    await later.advance(1);
    expect(await resumed).toMatchObject({ status: 'done', state: { log: ['rested'] } });
    expect(later.delays).toContain(1_000);
    expect(later.delays).not.toContain(10_000);
    await second.close();
    expect(keysOf(await journalIn(place), 'begin')).toEqual(['1.0#1']);
  });

  it.each(['sleep', 'ask', 'receive', 'retry', 'deadline'] as const)(
    'what was begun by a clock that was ahead lasts no longer than it was to: %s',
    async (kind) => {
      const place = make();
      const waiting = graph('waiting', { state: fields({ log: append<string>() }) })
        .node(
          'wait',
          async (_state, { attempt, ask, receive, sleep }) => {
            if (kind === 'retry' && attempt === 1) throw new Error('not yet');
            const waited = {
              sleep: () => sleep(10_000),
              ask: () => ask('well?', { timeoutMs: 10_000 }),
              receive: () => receive('go', { timeoutMs: 10_000 }),
              retry: () => undefined,
              deadline: () => sleep(60_000),
            }[kind];
            const ended = Promise.resolve(waited()).then(String, (thrown: { readonly code: string }) => thrown.code);
            return { delta: { log: [await ended] } };
          },
          { retry: { attempts: 2, delayMs: 10_000 } },
        )
        .start('wait')
        .build();
      const ahead = new ManualClock(3_600_000);
      const first = engineAt(waiting, place(), ahead);
      const begun = first.run({}, { runId, seed: 'seed', ...(kind === 'deadline' ? { timeoutMs: 10_000 } : {}) });
      await ahead.advance(4_000);
      await first.close();
      const isMessage = kind === 'ask' || kind === 'receive';
      expect((await begun).status).toBe(isMessage ? 'paused' : 'interrupted');

      const clock = new ManualClock();
      const second = engineAt(waiting, place(), clock);
      const resumed = second.resume(runId);
      await clock.advance(9_999);
      if (isMessage) {
        // It leaves memory again, until then.
        expect(await resumed).toMatchObject({ status: 'paused', wakeAt: 10_000 });
        await second.close();
        const later = new ManualClock(10_000);
        const third = engineAt(waiting, place(), later);
        const code = kind === 'ask' ? 'answer-timeout' : 'receive-timeout';
        expect(await third.resume(runId)).toMatchObject({ status: 'done', state: { log: [code] } });
        await third.close();
        return;
      }
      await clock.advance(1);
      const failed = { status: 'failed', error: { code: 'limit-reached' } };
      expect(await resumed).toMatchObject(
        kind === 'deadline' ? failed : { status: 'done', state: { log: ['undefined'] } },
      );
      await second.close();
    },
  );

  it('a sleep that was begun by a clock ahead, and leaves memory, is no longer than it was to be', async () => {
    const place = make();
    const napping = graph('napping', { state: fields({ log: append<string>() }) })
      .node('nap', async (_state, { sleep }) => {
        await sleep(10_000);
        return { delta: { log: ['rested'] } };
      })
      .start('nap')
      .build();
    const ahead = new ManualClock(3_600_000);
    const first = engineAt(napping, place(), ahead);
    const begun = first.run({}, { runId, seed: 'seed' });
    await ahead.advance(4_000);
    await first.close();
    expect((await begun).status).toBe('interrupted');
    const worker = engineAt(napping, place(), new ManualClock());
    const [parked] = await worker.resumeDue(1, new Set(), 5_000);
    expect(await parked?.result).toMatchObject({ status: 'paused', wakeAt: 10_000 });
    await worker.close();
    const later = engineAt(napping, place(), new ManualClock(10_000));
    const [woken] = await later.resumeDue(1, new Set(), 5_000);
    expect(await woken?.result).toMatchObject({ status: 'done', state: { log: ['rested'] } });
    await later.close();
  });

  it('an interrupted long retry delay waits only for the remaining time', async () => {
    const place = make();
    let attempts = 0;
    const failing = graph('failing', { state: fields({ log: append<string>() }) })
      .node(
        'try',
        () => {
          attempts += 1;
          if (attempts === 1) throw new Error('not yet');
          return { delta: { log: ['done'] } };
        },
        { retry: { attempts: 2, delayMs: 10_000, maxDelayMs: 10_000 } },
      )
      .start('try')
      .build();
    const clock = new ManualClock();
    const first = engineAt(failing, place(), clock);
    const begun = first.run({}, { runId, seed: 'seed' });
    await clock.advance(4_000);
    await first.close();
    expect((await begun).status).toBe('interrupted');

    const later = new ManualClock(9_000);
    const second = engineAt(failing, place(), later);
    const resumed = second.resume(runId);
    await later.advance(999);
    expect(attempts).toBe(1);
    await later.advance(1);
    expect(await resumed).toMatchObject({ status: 'done', state: { log: ['done'] } });
    expect(later.delays).toContain(1_000);
    await second.close();
  });

  it('a run is cancelled from another process, whether it is driven or not', async () => {
    const place = make();
    const began = Promise.withResolvers<void>();
    const endless = graph('endless', { state: fields({ log: append<string>() }) })
      .node('wait', async (_state, { signal }) => {
        began.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { delta: { log: ['never'] } };
      })
      .node('ask', async (_state, { ask }) => ({ delta: { log: [String(await ask('go on?'))] } }))
      .node('start', (_state, { key }) => ({ delta: { log: [key] } }))
      .edge('start', 'ask')
      .start('start')
      .build();
    const driven = graph('endless', { state: fields({ log: append<string>() }) })
      .node('wait', async (_state, { signal }) => {
        began.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { delta: { log: ['never'] } };
      })
      .start('wait')
      .build();
    const clock = new ManualClock();
    const owner = testEngine(driven, { store: place(), clock, id: () => 'owner' });
    const other = testEngine(driven, { store: place(), clock, id: () => 'other' });
    const running = owner.run({}, { runId });
    await began.promise;
    const cancelled = other.cancel(runId, 'enough');
    expect(await clock.until(running)).toMatchObject({ status: 'cancelled', reason: 'enough', state: { log: [] } });
    expect(await clock.until(cancelled)).toBe(true);
    expect(await other.cancel(runId, 'again')).toBe(false);
    await Promise.all([owner.close(), other.close()]);

    const paused = make();
    const asking = createEngine(endless, { store: paused() });
    expect((await asking.run({}, { runId })).status).toBe('paused');
    await asking.close();
    const store = paused();
    await using canceller = createEngine(endless, { store });
    expect(await canceller.cancel(runId, 'nobody answers')).toBe(true);
    expect(await store.find(runId)).toMatchObject({ status: 'cancelled', step: 1 });
    await expect(canceller.resume(runId, { answer: 'yes' })).rejects.toMatchObject({ code: 'run-not-resumable' });
  });

  const counting = (): { readonly built: AnyGraph; readonly ran: string[] } => {
    const ran: string[] = [];
    const node = (name: string) => (): object => {
      ran.push(name);
      return { delta: { log: [name] } };
    };
    const built = graph('counting', { state: fields({ log: append<string>() }) })
      .node('one', node('one'))
      .node('two', node('two'))
      .node('three', node('three'))
      .edge('one', 'two')
      .edge('two', 'three')
      .start('one')
      .build();
    return { built, ran };
  };

  it('pauseBefore', async () => {
    const place = make();
    const { built, ran } = counting();
    const first = createEngine(built, { store: place() });
    expect(await first.run({}, { runId, pauseBefore: ['two', 'three'] })).toMatchObject({
      status: 'paused',
      questions: [],
      steps: 1,
      state: { log: ['one'] },
    });
    await first.close();
    await using second = createEngine(built, { store: place() });
    expect(await second.resume(runId, { pauseBefore: ['two', 'three'] })).toMatchObject({ status: 'paused', steps: 2 });
    expect(ran).toEqual(['one', 'two']);
    expect(await second.resume(runId)).toMatchObject({ status: 'done', state: { log: ['one', 'two', 'three'] } });
    expect(ran).toEqual(['one', 'two', 'three']);
  });

  it('pauseAfter', async () => {
    const place = make();
    const { built, ran } = counting();
    const first = createEngine(built, { store: place() });
    expect(await first.run({}, { runId, pauseAfter: ['two', 'three'] })).toMatchObject({ status: 'paused', steps: 2 });
    expect(ran).toEqual(['one', 'two']);
    await first.close();
    await using second = createEngine(built, { store: place() });
    // After the last step there is nothing left to pause before.
    expect(await second.resume(runId, { pauseAfter: ['two', 'three'] })).toMatchObject({ status: 'done', steps: 3 });
    await expect(second.run({}, { pauseAfter: ['tow'] })).rejects.toMatchObject({
      code: 'option-invalid',
      nextStep: 'Did you mean "two"?',
    });
  });

  const approving = graph('approving', { state: fields({ log: append<string>() }) })
    .node('approve', async (_state, { ask }) => {
      try {
        return { delta: { log: [await ask<string>('really?', { timeoutMs: 5_000 })] } };
      } catch (thrown) {
        return { delta: { log: [String((thrown as { readonly code?: unknown }).code)] } };
      }
    })
    .start('approve')
    .build();

  it('an answer timeout follows the clock, whenever it is checked, and a later answer comes too late', async () => {
    const place = make();
    const clock = new ManualClock();
    const store = place();
    const first = engineAt(approving, store, clock);
    expect(await first.run({}, { runId, seed: 'seed' })).toMatchObject({
      status: 'paused',
      questions: [{ key: '1.0:question', question: 'really?', dueAt: 5_000 }],
    });
    expect(await store.find(runId)).toMatchObject({ status: 'paused', wakeAt: 5_000 });
    expect(await first.resumeDue(10, new Set())).toEqual([]);
    await clock.advance(4_000);
    expect((await first.resume(runId)).status).toBe('paused');
    await first.close();

    const later = new ManualClock(5_001);
    const second = engineAt(approving, place(), later);
    await expect(second.resume(runId, { answer: 'yes' })).rejects.toMatchObject({ code: 'question-unknown' });
    const [due] = await second.resumeDue(10, new Set());
    expect(await due?.result).toMatchObject({ status: 'done', state: { log: ['answer-timeout'] } });
    await second.close();
  });

  it('an answer in time is accepted once', async () => {
    const place = make();
    const clock = new ManualClock();
    const engine = engineAt(approving, place(), clock);
    await engine.run({}, { runId, seed: 'seed' });
    await expect(engine.resume(runId, { answers: { '1.0:other': 'yes' } })).rejects.toMatchObject({
      code: 'question-unknown',
    });
    expect(await engine.resume(runId, { answer: 'yes' })).toMatchObject({ status: 'done', state: { log: ['yes'] } });
    await expect(engine.resume(runId, { answer: 'yes' })).rejects.toMatchObject({ code: 'run-not-resumable' });
    await engine.close();
  });

  it('an invalid answer is refused at once, and the question stays open', async () => {
    const place = make();
    const clock = new ManualClock();
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof value === 'number' ? { value: value * 2 } : { issues: [{ message: 'no number' }] },
      },
    } as const;
    const counting = graph('numbers', { state: fields({ log: append<number>() }) })
      .node('ask', async (_state, { ask }) => ({ delta: { log: [await ask<number>('how many?', { schema })] } }))
      .start('ask')
      .build();
    const engine = engineAt(counting, place(), clock);
    await engine.run({}, { runId, seed: 'seed' });
    // Time stands still, so nothing is waited for.
    await expect(engine.resume(runId, { answer: 'many' })).rejects.toMatchObject({ code: 'answer-invalid' });
    expect(await engine.resume(runId)).toMatchObject({ status: 'paused', questions: [{ question: 'how many?' }] });
    expect(await engine.resume(runId, { answer: 21 })).toMatchObject({ status: 'done', state: { log: [42] } });
    await engine.close();
    const answers = (await journalIn(place)).flatMap((entry) => (entry.kind === 'effect' ? [entry.outcome] : []));
    expect(answers).toEqual([{ kind: 'value', value: 21 }]);
  });

  it('a question still pauses the run if a failing task stopped another before', async () => {
    const place = make();
    const inner = graph('inner', { state: fields({ log: append<string>() }) })
      .node('start', () => ({}))
      .node('fails', async (_state, { key }) => {
        await settled();
        if (key.includes('#1/')) throw new Error('the first time');
        return {};
      })
      .node('slow', async (_state, { signal, key }) => {
        if (key.includes('#1/')) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return {};
      })
      .node('ask', async (_state, { ask }) => ({ delta: { log: [String(await ask('sure?'))] } }))
      .edge('start', 'fails')
      .edge('start', 'slow')
      .edge('fails', 'ask')
      .start('start')
      .build();
    const outer = graph('outer', { state: fields({ log: append<string>() }) })
      .subgraph(
        'inner',
        inner,
        { input: () => ({}), output: (state) => ({ log: [...state.log] }) },
        { retry: { attempts: 2 } },
      )
      .start('inner')
      .build();
    await using engine = createEngine(outer, { store: place() });
    expect((await engine.run({}, { runId })).status).toBe('paused');
    expect(await engine.resume(runId, { answer: 'yes' })).toMatchObject({ status: 'done', state: { log: ['yes'] } });
  });
});
