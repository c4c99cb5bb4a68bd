// What somebody decides about effects in doubt: by address, over attempts and processes, kept beside the outcome.
import { join } from 'node:path';
import { append, createEngine, effectsInDoubtOf, failure, fields, graph } from 'reprise';
import type { AnyGraph, ResumeOptions } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { journalIn, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

type Calls = string[];

/** Two charges side by side, of which the calls that are told to hang are served, and never answered. */
function paying(calls: Calls, hangs: (call: number) => boolean, options: object = { onDoubt: 'fail' }): AnyGraph {
  return graph('paying', { state: fields({ log: append<string>() }), inputs: { rescue: failure() } })
    .node(
      'pay',
      async (_state, { effect, attempt }) => {
        const charge = (euro: number): Promise<string> =>
          effect(
            'charge',
            { euro },
            (_request: unknown, { idempotencyKey }): Promise<string> => {
              calls.push(idempotencyKey);
              return hangs(calls.length) ? new Promise(() => undefined) : Promise.resolve(`${euro} in ${attempt}`);
            },
            options,
          );
        const first = await charge(1);
        return { delta: { log: [first, await charge(2)] } };
      },
      { timeoutMs: 100, retry: { attempts: 2 }, onError: 'rescue' },
    )
    .node('rescue', () => ({ delta: { log: ['rescued'] } }))
    .start('pay')
    .build();
}

async function run(place: Place, built: AnyGraph) {
  await using engine = createEngine(built, { store: place(), graceMs: 0 });
  return await engine.run({}, { runId, seed: 'seed' });
}

async function resume(place: Place, built: AnyGraph, options: ResumeOptions = {}) {
  await using engine = createEngine(built, { store: place(), graceMs: 0 });
  return await engine.resume(runId, options);
}

async function inDoubt(place: Place): Promise<readonly string[]> {
  const store = place();
  try {
    return (await effectsInDoubtOf(store, runId)).map(({ address }) => address);
  } finally {
    await store.close();
  }
}

async function replaysSame(place: Place, built: AnyGraph): Promise<void> {
  const path = join(temporaryFolder(), 'run.run.jsonl');
  const store = place();
  await exportRunTo(store, runId, path);
  await store.close();
  const { report } = await replay(built, path);
  expect(report.divergences).toEqual([]);
  expect(report.verdict).toBe('same');
}

describe.each(places)('on $name', ({ make }) => {
  it.each([
    ['is performed again, with its key', 'retry' as const, { status: 'done', log: ['1 in 1', '2 in 3'] }, 3],
    ['has the value', { value: 'paid by hand' }, { status: 'done', log: ['1 in 1', 'paid by hand'] }, 2],
    [
      'has the error, and a policy may try again',
      { error: 'the bank says no' },
      { status: 'done', log: ['1 in 1', '2 in 6'] },
      3,
    ],
  ])('an effect that timed out and is decided about %s', async (_what, decided, { status, log }, count) => {
    const place = make();
    const calls: Calls = [];
    const built = paying(calls, (call) => call === 2);
    expect(await run(place, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    await replaysSame(place, built);
    const [address, ...others] = await inDoubt(place);
    expect(others).toEqual([]);
    expect(address).toMatch(/^1\.0#1:call:charge~[0-9a-f]{7}$/);
    for (let round = 0; round < 2; round += 1)
      expect(await resume(place, built)).toMatchObject({ status: 'failed', error: { fields: { address } } });
    expect(calls).toHaveLength(2);
    const decide = { [address as string]: decided };
    const ended = await resume(place, built, { decide, decidedBy: 'ana' });
    expect(ended).toMatchObject({ status, state: { log: log.map((line) => line.replace('in 3', 'in 5')) } });
    expect(calls).toHaveLength(count);
    if (count === 3) expect(calls[2] === calls[1], 'its key').toBe(decided === 'retry');
    const entries = await journalIn(place);
    const decidedEntries = entries.filter((entry) => entry.kind === 'effect' && entry.observed.decided !== undefined);
    expect(decidedEntries).toMatchObject([
      { name: 'charge', request: { euro: 2 }, observed: { decided: { by: 'ana' } } },
    ]);
    expect(await inDoubt(place)).toEqual([]);
    await replaysSame(place, built);
  });

  it('a decision is followed at once where the process died when the run was about to fail', async () => {
    const whole = make();
    const calls: Calls = [];
    const built = paying(calls, (call) => call === 2);
    expect(await run(whole, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    const entries = await journalIn(whole);
    expect(entries.slice(-2).map(({ kind }) => kind)).toEqual(['outcome', 'end']);
    const left = make();
    await leave(left, entries.slice(0, -1));
    const [address] = await inDoubt(left);
    const decide = { [address as string]: { value: 'paid by hand' } };
    expect(await resume(left, built, { decide })).toMatchObject({ status: 'done' });
    await replaysSame(left, built);
    const decided = await journalIn(left);
    const note = decided.findIndex((entry) => entry.kind === 'note' && entry.observed.decides !== undefined);
    const again = make();
    await leave(again, decided.slice(0, note + 1));
    expect(await resume(again, built)).toMatchObject({ status: 'done', state: { log: ['1 in 1', 'paid by hand'] } });
    await replaysSame(again, built);
    expect(calls).toHaveLength(2);
  });

  it('an effect whose process died may be decided about at once', async () => {
    const whole = make();
    const calls: Calls = [];
    const built = paying(calls, () => false);
    await run(whole, built);
    const entries = await journalIn(whole);
    const place = make();
    await leave(place, entries.slice(0, entries.findLastIndex(({ kind }) => kind === 'begin') + 1));
    calls.length = 0;
    const [address] = await inDoubt(place);
    const decide = { [address as string]: { value: 'paid by hand' } };
    expect(await resume(place, built, { decide })).toMatchObject({
      status: 'done',
      state: { log: ['1 in 1', 'paid by hand'] },
    });
    expect(calls).toEqual([]);
    expect(journalOutcomes(await journalIn(place))).toEqual(['1.0#1 done']);
    await replaysSame(place, built);
  });

  it('a decision to retry counts once: what is in doubt again has to be decided again', async () => {
    const place = make();
    const calls: Calls = [];
    const built = paying(calls, (call) => call === 2 || call === 3);
    await run(place, built);
    const [address] = await inDoubt(place);
    expect(await resume(place, built, { decide: { [address as string]: 'retry' } })).toMatchObject({
      status: 'failed',
      error: { code: 'effect-in-doubt' },
    });
    expect(calls).toHaveLength(3);
    const [again] = await inDoubt(place);
    expect(again).not.toBe(address);
    await replaysSame(place, built);
    expect(await resume(place, built, { decide: { [again as string]: { value: 'by hand' } } })).toMatchObject({
      status: 'done',
    });
    expect(calls).toHaveLength(3);
  });

  it('a decision that was followed stands, though another task of the step fails afterwards', async () => {
    const place = make();
    const calls: Calls = [];
    let life = 0;
    const built = graph('beside', { state: fields({ log: append<string>() }) })
      .node(
        'pay',
        async (_state, { effect }) => {
          const charge = (): Promise<string> => {
            calls.push('charged');
            return new Promise(() => undefined);
          };
          return { delta: { log: [await effect('charge', 1, charge, { onDoubt: 'fail' })] } };
        },
        { timeoutMs: 250, retry: { attempts: 2 } },
      )
      .node('look', async (_state, { effect, signal }) => {
        if (life === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        const seen = await effect('look', 1, () => (life === 2 ? Promise.reject(new Error('dark')) : 'seen'));
        return { delta: { log: [seen] } };
      })
      .node('start', (_state, { goto }) => ({ route: [goto('pay'), goto('look')] }))
      .start('start')
      .build();
    life = 1;
    expect(await run(place, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    const [address] = await inDoubt(place);
    life = 2;
    const decide = { [address as string]: { value: 'by hand' } };
    expect(await resume(place, built, { decide })).toMatchObject({ status: 'failed', error: { code: 'node-failed' } });
    life = 3;
    expect(await resume(place, built)).toMatchObject({ status: 'done', state: { log: ['by hand', 'seen'] } });
    expect(calls).toHaveLength(1);
    await replaysSame(place, built);
  });

  it.each(['2.0#1:call:charge', 'charge', '1.0#1:call:mail', '1.0#1:call:charge:7'])(
    'a decision about %s, which is not in doubt, says what is, and changes nothing',
    async (address) => {
      const place = make();
      const calls: Calls = [];
      const built = paying(calls, (call) => call === 2);
      await run(place, built);
      const before = await journalIn(place);
      const open = await inDoubt(place);
      await expect(resume(place, built, { decide: { [address]: 'retry' } })).rejects.toMatchObject({
        code: 'not-in-doubt',
        nextStep: expect.stringContaining(open[0] as string),
        fields: { address, open },
      });
      expect(await journalIn(place)).toEqual(before);
    },
  );

  it('a decision without digits is enough where one effect is in doubt, and ambiguous where several are', async () => {
    const calls: Calls = [];
    const built = graph('both', { state: fields({ log: append<string>() }) })
      .node('pay', async (_state, { effect }) => {
        const charge = (euro: number): Promise<string> =>
          effect('charge', { euro }, () => `${euro}: ${calls.push('charged')}`, { onDoubt: 'fail' });
        return { delta: { log: await Promise.all([charge(1), charge(2)]) } };
      })
      .start('pay')
      .build();
    const whole = make();
    await run(whole, built);
    const entries = await journalIn(whole);
    const begun = entries.findLastIndex(({ kind }) => kind === 'begin') + 1;
    const both = make();
    await leave(
      both,
      entries.slice(0, begun).filter(({ kind }) => kind !== 'effect'),
    );
    await expect(resume(both, built, { decide: { '1.0#1:call:charge': 'retry' } })).rejects.toMatchObject({
      code: 'not-in-doubt',
      message: expect.stringContaining('more than one'),
    });
    const decide = Object.fromEntries((await inDoubt(both)).map((address) => [address, { value: 'by hand' }]));
    expect(await resume(both, built, { decide })).toMatchObject({ state: { log: ['by hand', 'by hand'] } });
  });

  it.each([{ value: 'by hand' }, 'retry'] as const)(
    'a decision (%j) that a life does not come to counts for the next one, and once',
    async (decided) => {
      const calls: Calls = [];
      const built = graph('one by one', { state: fields({ log: append<string>() }) })
        .node('pay', async (_state, { effect }) => {
          const charge = (euro: number): Promise<string> =>
            effect('charge', { euro }, () => `${euro}: ${calls.push(`${euro}`)}`, { onDoubt: 'fail' });
          return { delta: { log: await Promise.all([charge(1), charge(2)]) } };
        })
        .start('pay')
        .build();
      const whole = make();
      await run(whole, built);
      const entries = (await journalIn(whole)).filter(({ kind }) => kind !== 'effect');
      const place = make();
      await leave(place, entries.slice(0, entries.findLastIndex(({ kind }) => kind === 'begin') + 1));
      const [first, second] = (await inDoubt(place)) as [string, string];
      calls.length = 0;
      const failed = await resume(place, built, { decide: { [second]: decided }, decidedBy: 'ana' });
      expect(failed).toMatchObject({
        status: 'failed',
        error: { code: 'effect-in-doubt', fields: { address: first } },
      });
      const store = place();
      const left = await effectsInDoubtOf(store, runId);
      await store.close();
      const isRetry = decided === 'retry';
      // What was retried beside the doubt has happened, or is in doubt again: nothing of it is done twice.
      expect(left.map(({ address }) => address)).toContain(first);
      const ended = await resume(place, built, { decide: { [first]: { value: 'first by hand' } } });
      expect(ended).toMatchObject({ status: 'done', state: { log: ['first by hand', isRetry ? '2: 1' : 'by hand'] } });
      expect(calls).toEqual(isRetry ? ['2'] : []);
      const noted = (await journalIn(place)).filter(
        (entry) => entry.kind === 'effect' && entry.observed.decided?.by === 'ana',
      );
      expect(noted).toHaveLength(1);
      await replaysSame(place, built);
    },
  );

  it('a decision whose process dies before it is reached counts for the next one', async () => {
    const place = make();
    const calls: Calls = [];
    const built = paying(calls, (call) => call === 2);
    await run(place, built);
    const [address] = (await inDoubt(place)) as [string];
    await resume(place, built, { decide: { [address]: { value: 'by hand' } }, decidedBy: 'ana' });
    const entries = await journalIn(place);
    const noted = entries.findIndex((entry) => entry.kind === 'note' && entry.what === 'decided');
    for (let cut = noted + 1; cut < entries.length; cut += 1) {
      const left = make();
      await leave(left, entries.slice(0, cut));
      expect(await resume(left, built), `behind ${cut}`).toMatchObject({ state: { log: ['1 in 1', 'by hand'] } });
    }
    expect(calls).toHaveLength(2);
  });

  it.each([7, 'perhaps', {}, { value: 1, error: 2 }, null])('%j is no decision', async (decided) => {
    const place = make();
    const built = paying([], (call) => call === 2);
    await run(place, built);
    const [address] = await inDoubt(place);
    const decide = { [address as string]: decided as never };
    await expect(resume(place, built, { decide })).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('what an answered question decided is noted beside the outcome', async () => {
    const place = make();
    const calls: Calls = [];
    const built = paying(calls, (call) => call === 2, { onDoubt: 'ask' });
    expect(await run(place, built)).toMatchObject({ status: 'paused' });
    expect(await resume(place, built, { answer: { value: 'by hand' }, decidedBy: 'ana' })).toMatchObject({
      status: 'done',
      state: { log: ['1 in 1', 'by hand'] },
    });
    const entries = await journalIn(place);
    expect(entries.filter((entry) => entry.kind === 'effect' && entry.observed.decided?.by === 'ana')).toHaveLength(1);
    await replaysSame(place, built);
  });

  it('a task of lower rank that fails is what the run fails with', async () => {
    const place = make();
    const calls: Calls = [];
    const hold = Promise.withResolvers<void>();
    const built = graph('ranks', { state: fields({ log: append<string>() }) })
      .node('start', () => ({}))
      .node('low', async () => {
        await hold.promise;
        throw new Error('low');
      })
      .node(
        'pay',
        async (_state, { effect }) => {
          try {
            await effect(
              'charge',
              1,
              () => {
                calls.push('charged');
                return new Promise<string>(() => undefined);
              },
              {
                onDoubt: 'fail',
              },
            );
          } finally {
            if (calls.length === 1) setTimeout(() => hold.resolve(), 50);
          }
        },
        { timeoutMs: 250, retry: { attempts: 2 } },
      )
      .edge('start', 'low')
      .edge('start', 'pay')
      .start('start')
      .build();
    expect(await run(place, built)).toMatchObject({ status: 'failed', error: { cause: { message: 'low' } } });
    expect(calls).toHaveLength(1);
  });
});

describe('an effect in doubt inside a subgraph', () => {
  it.each([
    ['of the attempt that is tried again', { retry: { attempts: 3 } }, { timeoutMs: 250 }],
    ['of an inner run that is voided', {}, { timeoutMs: 60_000 }],
  ])('fails the run past the policies of both, and is decided about: %s', async (_what, inner, innerTime) => {
    const [{ make }] = places as [(typeof places)[number]];
    const place = make();
    const calls: Calls = [];
    const child = graph('child', { state: fields({ log: append<string>() }) })
      .node(
        'pay',
        async (_state, { effect }) => {
          const charge = (): Promise<string> | string =>
            calls.push('charged') === 1 ? new Promise<string>(() => undefined) : 'paid';
          return { delta: { log: [await effect('charge', 1, charge, { onDoubt: 'fail' })] } };
        },
        { ...inner, ...innerTime },
      )
      .start('pay')
      .build();
    const built = graph('parent', { state: fields({ log: append<string>() }), inputs: { rescue: failure() } })
      .subgraph(
        'child',
        child,
        { input: () => ({}), output: ({ log }) => ({ log: [...log] }) },
        { retry: { attempts: 3 }, timeoutMs: 400, onError: 'rescue' },
      )
      .node('rescue', () => ({ delta: { log: ['rescued'] } }))
      .start('child')
      .build();
    expect(await run(place, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    await replaysSame(place, built);
    expect(await resume(place, built)).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    expect(calls).toHaveLength(1);
    const [address] = await inDoubt(place);
    expect(address).toMatch(/^1\.0#1\/1\.0#1:call:charge~/);
    expect(await resume(place, built, { decide: { [address as string]: 'retry' } })).toMatchObject({
      status: 'done',
      state: { log: ['paid'] },
    });
    await replaysSame(place, built);
  });
});

function journalOutcomes(entries: Awaited<ReturnType<typeof journalIn>>): readonly string[] {
  return entries.flatMap((entry) => (entry.kind === 'outcome' ? [`${entry.at} ${entry.result.status}`] : []));
}
