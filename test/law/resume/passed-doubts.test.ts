// A further attempt may come to its end without asking for what an earlier one has left in doubt. Nothing but a decision
// that is followed passes that.
import { append, effectsInDoubtOf, failure, fields, graph } from 'reprise';
import type { AnyGraph, NodeContext } from 'reprise';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import { Bank, failedRun, killedAtRest, replaysSame, resumed } from './bank.ts';
import type { Code } from './bank.ts';
import { divergencesOf, journalIn, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

const policies = [{ onDoubt: 'fail' }, { onDoubt: 'ask' }, { once: true }, { once: true, onDoubt: 'fail' }] as const;
const address = '1.0#1:call:charge~c889f29';
const nothing: Code = async () => ['nothing'];

type AnyContext = NodeContext<never, never>;

/** A node with a time limit and further attempts, and one for its failures. */
function handled(code: Code, attempts: number): AnyGraph {
  return graph('handled', { state: fields({ log: append<string>() }), inputs: { sorry: failure() } })
    .node('pay', async (_state, context) => ({ delta: { log: [...(await code(context as never))] } }), {
      timeoutMs: 100,
      retry: { attempts, delayMs: 1 },
      onError: 'sorry',
    })
    .node('sorry', () => ({ delta: { log: ['sorry'] } }))
    .start('pay')
    .build();
}

/** The same as a subgraph, whose node has the time limit. */
function around(code: Code, attempts = 1): AnyGraph {
  const inner = graph('inner', { state: fields({ log: append<string>() }) })
    .node('pay', async (_state, context) => ({ delta: { log: [...(await code(context as never))] } }))
    .start('pay')
    .build();
  return graph('around', { state: fields({ log: append<string>() }), inputs: { sorry: failure() } })
    .subgraph(
      'buy',
      inner,
      {
        input: () => ({}),
        output: ({ log }) => ({ log }),
      },
      { timeoutMs: 100, retry: { attempts, delayMs: 1 }, onError: 'sorry' },
    )
    .node('sorry', () => ({ delta: { log: ['sorry'] } }))
    .start('buy')
    .build();
}

async function driven(place: Place, built: AnyGraph, options?: object): Promise<AnyRun> {
  const clock = new ManualClock();
  const engine = testEngine(built, { store: place(), clock }, { graceMs: 0 });
  const run = options === undefined ? engine.run({}, { runId, seed: 'seed' }) : engine.resume(runId, options);
  try {
    return await clock.until(run);
  } finally {
    await engine.close();
  }
}

describe.each(places)('on $name', ({ make }) => {
  describe.each(policies)('a further attempt, after one that had begun an effect with %j', (options) => {
    async function failed() {
      const place = make();
      const bank = new Bank();
      expect(await failedRun(place, bank.charging({ options }))).toMatchObject({ status: 'failed' });
      bank.isDown = false;
      return { place, bank };
    }

    it('does not end without asking for it, unless somebody has said what became of it', async () => {
      const { place, bank } = await failed();
      const left = {
        status: 'failed',
        error: {
          code: 'effect-in-doubt',
          nextStep: expect.stringContaining(`the code that asked for ${address}`),
          fields: { address, left: 'in doubt' },
        },
        state: { log: [] },
      };
      expect(await resumed(place, nothing)).toMatchObject(left);
      await replaysSame(place, (context) => (context.attempt === 1 ? bank.charging({ options }) : nothing)(context));
      const decide = { '1.0#1:call:charge': { value: 'by hand' } };
      const decided = { status: 'done', state: { log: ['nothing'] } };
      expect(await resumed(place, nothing, { decide })).toMatchObject(decided);
      expect(bank.served).toEqual(['charge 44']);
    });

    it('gives a decision to the code that asks for it', async () => {
      const { place, bank } = await failed();
      expect(await resumed(place, nothing)).toMatchObject({ status: 'failed' });
      const decide = { '1.0#1:call:charge': { value: 'by hand' } };
      expect(await resumed(place, bank.charging({ options }), { decide })).toMatchObject({
        state: { log: ['by hand'] },
      });
      expect(bank.served).toEqual(['charge 44']);
    });

    it('does not do the like of it by another name, whatever was decided', async () => {
      const { place, bank } = await failed();
      const decide = { '1.0#1:call:charge': { value: 'by hand' } };
      const renamed = bank.charging({ name: 'pay.charge', options });
      expect(await resumed(place, renamed, { decide })).toMatchObject({
        error: { fields: { address, left: 'in doubt' } },
      });
      expect(bank.served).toEqual(['charge 44']);
    });

    it('ends without it with `force`', async () => {
      const { place } = await failed();
      expect(await resumed(place, nothing, { force: true })).toMatchObject({ state: { log: ['nothing'] } });
    });

    it('says so of what is left, also if more was left when something began to wait for it', async () => {
      const place = make();
      const bank = new Bank();
      const both: Code = (context) =>
        Promise.all(['charge', 'second'].map(async (name) => (await bank.charging({ name, options })(context)).join()));
      expect(await failedRun(place, both)).toMatchObject({ status: 'failed' });
      bank.isDown = false;
      const other: Code = (context) =>
        Promise.all(['new', 'charge'].map(async (name) => (await bank.charging({ name, options })(context)).join()));
      const decide = { '1.0#1:call:charge': { value: 'by hand' } };
      expect(await resumed(place, other, { decide })).toMatchObject({
        error: {
          code: 'effect-in-doubt',
          fields: { address: expect.stringContaining('1.0#1:call:second'), asked: expect.stringContaining('call:new') },
        },
      });
      expect(bank.served).toEqual(['charge 44', 'second 44']);
    });
  });

  it('what a branch of a race began that lost need not be asked for by further attempts', async () => {
    const place = make();
    const bank = new Bank();
    const racing: Code = async (context) => {
      const { branch } = await context.race('first', {
        slow: () => (context.attempt === 1 ? bank.charging({ name: 'slow' })(context) : new Promise(() => undefined)),
        quick: () => context.effect('quick', 1, () => 'quick'),
      });
      if (context.attempt === 1) throw new Error('fails behind it');
      return [branch, ...(await bank.charging({ name: 'after' })(context))];
    };
    expect(await failedRun(place, racing)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('fails behind it') },
    });
    bank.isDown = false;
    expect(await resumed(place, racing)).toMatchObject({ state: { log: ['quick', 'paid'] } });
    expect(bank.served).toEqual(['slow 44', 'after 44']);
  });

  it('what was decided about a branch that loses the race of a further attempt need not be asked for either', async () => {
    const place = make();
    const bank = new Bank();
    const racing: Code = async (context) => {
      const pay = (name: string) => bank.charging({ name, options: { once: true, onDoubt: 'fail' } })(context);
      const { branch } = await context.race('first', {
        card: () => pay('card'),
        transfer: async () => {
          await context.effect('fee', 1, () => (context.attempt === 1 ? 1 : new Promise(() => undefined)), {
            repeat: true,
          });
          return pay('transfer');
        },
      });
      return [branch];
    };
    expect(await failedRun(place, racing)).toMatchObject({ error: { code: 'effect-in-doubt' } });
    expect(bank.served).toEqual(['card 44', 'transfer 44']);
    const doubts = await effectsInDoubtOf(place(), runId);
    const decide = Object.fromEntries(doubts.map(({ address: at }) => [at, { value: 'by hand' }]));
    expect(doubts).toHaveLength(2);
    expect(await resumed(place, racing, { decide })).toMatchObject({ status: 'done', state: { log: ['card'] } });
    await replaysSame(place, racing);
    expect(bank.served).toEqual(['card 44', 'transfer 44']);
  });

  describe('a node whose failures are handled', () => {
    it.each([
      ['ends without asking for it', nothing],
      ['times out before that', () => new Promise<never>(() => undefined)],
      ['fails before that', () => Promise.reject(new Error('no quote'))],
    ] satisfies [string, Code][])(
      'does not pass what is in doubt in a further attempt that %s',
      async (_how, second) => {
        const place = make();
        const bank = new Bank();
        const code: Code = (context) => (context.attempt === 1 ? bank.charging() : second)(context);
        const run = await driven(place, handled(code, 2));
        expect(run).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt', fields: { address } } });
        expect(await divergencesOf(place, handled(code, 2))).toEqual([]);
        bank.isDown = false;
        const decide = { '1.0#1:call:charge': { value: 'by hand' } };
        expect(await driven(place, handled(bank.charging(), 2), { decide })).toMatchObject({
          state: { log: ['by hand'] },
        });
        expect(bank.served).toEqual(['charge 44']);
      },
    );

    it.each([
      ['times out', () => new Promise<never>(() => undefined)],
      ['fails', () => Promise.reject(new Error('no quote'))],
    ] satisfies [string, Code][])(
      'are handled once somebody has said what became of it, also in an attempt that %s before it asks',
      async (_how, second) => {
        const place = make();
        const bank = new Bank();
        const code: Code = (context) => (context.attempt === 1 ? bank.charging() : second)(context);
        expect(await driven(place, handled(code, 1))).toMatchObject({
          status: 'failed',
          error: { code: 'effect-in-doubt' },
        });
        bank.isDown = false;
        const decide = { '1.0#1:call:charge': { value: 'by hand' } };
        expect(await driven(place, handled(code, 1), { decide })).toMatchObject({
          status: 'done',
          state: { log: ['sorry'] },
        });
        expect(await divergencesOf(place, handled(code, 1))).toEqual([]);
        expect(bank.served).toEqual(['charge 44']);
      },
    );

    it('is not passed by the time limit of a node around a subgraph', async () => {
      const place = make();
      const bank = new Bank();
      const inner = '1.0#1/1.0#1:call:charge~c889f29';
      const code: Code = (context: AnyContext) => bank.charging()(context);
      const run = await driven(place, around(code));
      expect(run).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt', fields: { address: inner } } });
      expect(await divergencesOf(place, around(code))).toEqual([]);
      expect(await driven(place, around(code), {})).toMatchObject({ status: 'failed' });
      expect(await divergencesOf(place, around(code))).toEqual([]);
      bank.isDown = false;
      const decide = { [inner]: { value: 'by hand' } };
      expect(await driven(place, around(code), { decide })).toMatchObject({ state: { log: ['by hand'] } });
      expect(await divergencesOf(place, around(code))).toEqual([]);
      expect(bank.served).toEqual(['charge 44']);
    });

    it('is performed again by the next attempt of a node around a subgraph, if its policy says so', async () => {
      const place = make();
      const bank = new Bank();
      const code: Code = (context: AnyContext) => bank.charging({ options: { once: true } })(context);
      const run = await driven(place, around(code));
      expect(run).toMatchObject({ status: 'done', state: { log: ['sorry'] } });
      expect(await divergencesOf(place, around(code))).toEqual([]);
    });
  });

  it('with `force`, what happened once is asked for before the like of it happens', async () => {
    const place = make();
    const bank = new Bank();
    bank.isDown = false;
    const paying = (names: readonly string[], isStuck: boolean): Code => {
      return async (context) => {
        const log: string[] = [];
        for (const name of names) log.push(...(await bank.charging({ name, options: { once: true } })(context)));
        if (isStuck) await context.effect('stuck', 1, () => new Promise(() => undefined));
        return log;
      };
    };
    await killedAtRest(place, paying(['charge'], true));
    const before = await journalIn(place);
    expect(await resumed(place, paying(['pay.charge'], false), { force: true })).toMatchObject({
      refused: 'resume-diverged',
      message: expect.stringContaining('happened, and must not twice'),
      fields: { address, asked: '1.0#1:call:pay.charge~c889f29', left: 'done' },
    });
    expect(bank.served).toEqual(['charge 44']);
    expect((await journalIn(place)).filter(({ kind }) => kind !== 'note')).toEqual(before);
    expect(await resumed(place, paying(['charge', 'pay.charge'], false), { force: true })).toMatchObject({
      state: { log: ['paid', 'paid'] },
    });
    expect(bank.served).toEqual(['charge 44', 'pay.charge 44']);
  });
});
