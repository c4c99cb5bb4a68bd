// What is in doubt is asked for again before anything new is performed: code that asks for something else in its place
// would do its work a second time.
import { describe, expect, it } from 'vitest';
import { settled } from '../../support/manual-clock.ts';
import { Bank, failedRun, killedAtRest, replaysSame, resumed } from './bank.ts';
import type { Charge, Code } from './bank.ts';
import { journalIn, places } from './going-on.ts';

const policies = [{ onDoubt: 'fail' }, { onDoubt: 'ask' }, { once: true }, { once: true, onDoubt: 'fail' }] as const;

describe.each(places)('on $name', ({ make }) => {
  describe.each(policies)('an attempt that had begun an effect with %j', (options) => {
    async function killed() {
      const place = make();
      const bank = new Bank();
      await killedAtRest(place, bank.charging({ options }));
      bank.isDown = false;
      expect(bank.served).toEqual(['charge 44']);
      return { place, bank };
    }

    it.each([
      ['asks for another effect', { name: 'pay.charge' }],
      ['asks for it with another request', { euro: 45 }],
      ['asks for another one, which may happen twice', { name: 'pay.charge', options: {} }],
    ] satisfies [string, Charge][])('performs nothing of code that %s', async (_what, other) => {
      const { place, bank } = await killed();
      const before = await journalIn(place);
      const changed = bank.charging({ options, ...other });
      expect(await resumed(place, changed)).toMatchObject({
        refused: 'resume-diverged',
        message: expect.stringContaining('attempt 1.0#1 had begun 1.0#1:call:charge~c889f29'),
        nextStep: expect.stringContaining("--decide '1.0#1:call:charge~c889f29=…'"),
        fields: { inDoubt: '1.0#1:call:charge~c889f29', recorded: { euro: 44 } },
      });
      expect(await journalIn(place)).toEqual(before);
      expect(bank.served).toEqual(['charge 44']);
    });

    it('is not ended by code that asks for nothing', async () => {
      const { place, bank } = await killed();
      const before = await journalIn(place);
      expect(await resumed(place, async () => ['nothing'])).toMatchObject({ refused: 'resume-diverged' });
      expect(await journalIn(place)).toEqual(before);
      const decide = { '1.0#1:call:charge': { value: 'by hand' } };
      expect(await resumed(place, bank.charging({ options }), { decide })).toMatchObject({
        state: { log: ['by hand'] },
      });
      expect(bank.served).toEqual(['charge 44']);
    });

    it('keeps a decision that other code does not come to', async () => {
      const { place, bank } = await killed();
      const decide = { '1.0#1:call:charge': { value: 'by hand' } };
      const renamed = bank.charging({ name: 'pay.charge', options });
      expect(await resumed(place, renamed, { decide })).toMatchObject({ refused: 'resume-diverged' });
      expect(await resumed(place, bank.charging({ options }))).toMatchObject({ state: { log: ['by hand'] } });
      expect(bank.served).toEqual(['charge 44']);
    });
  });

  it('a question about what became of it is not passed by code that does not ask for it', async () => {
    const place = make();
    const bank = new Bank();
    const asking = bank.charging({ options: { onDoubt: 'ask' } });
    await killedAtRest(place, asking);
    expect(await resumed(place, asking)).toMatchObject({
      status: 'paused',
      questions: [{ key: '1.0:in-doubt charge' }],
    });
    for (const code of [async () => ['nothing'], bank.charging({ name: 'pay.charge' })])
      expect(await resumed(place, code)).toMatchObject({ refused: 'resume-diverged' });
    expect(await resumed(place, asking)).toMatchObject({ status: 'paused' });
    expect(await resumed(place, asking, { answer: { value: 'by hand' } })).toMatchObject({
      state: { log: ['by hand'] },
    });
    expect(bank.served).toEqual(['charge 44']);
  });

  it('an answer that comes along with a resume of other code is kept, and the error says so', async () => {
    const place = make();
    const bank = new Bank();
    const asking = bank.charging({ options: { onDoubt: 'ask' } });
    await killedAtRest(place, asking);
    expect(await resumed(place, asking)).toMatchObject({ status: 'paused' });
    const answer = { value: 'by hand' };
    expect(await resumed(place, bank.charging({ name: 'pay.charge' }), { answer })).toMatchObject({
      refused: 'resume-diverged',
      nextStep: expect.stringMatching(/Do not answer again: the answer is stored/),
      fields: { inDoubt: '1.0#1:call:charge~c889f29' },
    });
    expect(await resumed(place, asking)).toMatchObject({ state: { log: ['by hand'] } });
    expect(bank.served).toEqual(['charge 44']);
  });

  it('what a branch of a race began that lost need not be asked for', async () => {
    const place = make();
    const bank = new Bank();
    /** `waits`: the branch that loses has not asked for its charge when it does. */
    const racing = (waits: boolean): Code => {
      return async (context) => {
        const { branch } = await context.race('first', {
          slow: async () => {
            if (waits) await new Promise(() => undefined);
            return bank.charging({ name: 'slow' })(context);
          },
          quick: () => context.effect('quick', 1, () => settled().then(() => 'quick')),
        });
        return [branch, ...(await bank.charging({ name: 'after' })(context))];
      };
    };
    await killedAtRest(place, racing(false));
    expect(bank.served).toEqual(['slow 44', 'after 44']);
    bank.isDown = false;
    const decide = { '1.0#1:call:after': 'retry' } as const;
    expect(await resumed(place, racing(true), { decide })).toMatchObject({ state: { log: ['quick', 'paid'] } });
    expect(bank.served).toEqual(['slow 44', 'after 44', 'after 44']);
  });

  it('holds what is new until all that is in doubt was asked for, in whichever order that comes', async () => {
    const place = make();
    const bank = new Bank();
    const asking = (order: readonly string[]): Code => {
      return (context) =>
        Promise.all(
          order.map(async (name) => (await bank.charging({ name, options: { once: true } })(context)).join()),
        );
    };
    await killedAtRest(place, asking(['a', 'b']));
    bank.isDown = false;
    bank.served.length = 0;
    expect(await resumed(place, asking(['new', 'b', 'a']))).toMatchObject({ status: 'done' });
    expect(bank.served).toEqual(['new 44', 'b 44', 'a 44']);
  });

  describe.each(policies)('a further attempt, after one that had begun an effect with %j', (options) => {
    async function failed() {
      const place = make();
      const bank = new Bank();
      expect(await failedRun(place, bank.charging({ options }))).toMatchObject({ status: 'failed' });
      bank.isDown = false;
      expect(bank.served).toEqual(['charge 44']);
      return { place, bank };
    }

    it.each([{ name: 'pay.charge' }, { name: 'pay.charge', euro: 45 }])(
      'does not perform %j before it has asked for that',
      async (other) => {
        const { place, bank } = await failed();
        const renamed = bank.charging({ options, ...other });
        for (let round = 2; round <= 3; round += 1)
          expect(await resumed(place, renamed)).toMatchObject({
            status: 'failed',
            error: {
              code: 'effect-in-doubt',
              message: expect.stringContaining('pay.charge'),
              nextStep: expect.stringContaining('the code that asked for 1.0#1:call:charge~c889f29'),
              fields: {
                address: '1.0#1:call:charge~c889f29',
                asked: expect.stringContaining(`1.0#${round}:call:pay.charge`),
              },
            },
          });
        expect(bank.served).toEqual(['charge 44']);
        await replaysSame(place, async (context) =>
          (context.attempt === 1 ? bank.charging({ options }) : renamed)(context),
        );
        const decide = { '1.0#1:call:charge': { value: 'by hand' } };
        expect(await resumed(place, renamed, { decide })).toMatchObject({ status: 'failed' });
        expect(await resumed(place, bank.charging({ options }))).toMatchObject({ state: { log: ['by hand'] } });
        expect(bank.served).toEqual(['charge 44']);
      },
    );

    it('performs it with `force`', async () => {
      const { place, bank } = await failed();
      const renamed = bank.charging({ options, name: 'pay.charge' });
      expect(await resumed(place, renamed, { force: true })).toMatchObject({ state: { log: ['paid'] } });
      expect(bank.served).toEqual(['charge 44', 'pay.charge 44']);
    });

    it('performs it once that was asked for, in whichever order', async () => {
      const { place, bank } = await failed();
      const decide = { '1.0#1:call:charge': 'retry' } as const;
      const both: Code = (context) =>
        Promise.all(
          ['new', 'charge'].map(async (name) => {
            if (name === 'charge') await settled();
            return (await bank.charging({ name, options })(context)).join();
          }),
        );
      expect(await resumed(place, both, { decide })).toMatchObject({ state: { log: ['paid', 'paid'] } });
      expect(bank.served).toEqual(['charge 44', 'charge 44', 'new 44']);
    });
  });

  it('what happened once, before its run failed, is asked for before the like of it happens', async () => {
    const place = make();
    const bank = new Bank();
    bank.isDown = false;
    const paying = (name: string, isDown: boolean): Code => {
      return async (context) => {
        const paid = await bank.charging({ name, options: { once: true } })(context);
        if (isDown) throw new Error('the mail is down');
        return paid;
      };
    };
    expect(await failedRun(place, paying('charge', true))).toMatchObject({ status: 'failed' });
    expect(await resumed(place, paying('pay.charge', false))).toMatchObject({
      status: 'failed',
      error: {
        code: 'effect-in-doubt',
        message: expect.stringContaining('happened, and must not twice'),
        fields: { address: '1.0#1:call:charge~c889f29', asked: '1.0#2:call:pay.charge~c889f29', left: 'done' },
      },
    });
    expect(bank.served).toEqual(['charge 44']);
    expect(await resumed(place, paying('charge', false))).toMatchObject({ status: 'done' });
    expect(bank.served).toEqual(['charge 44']);
  });
});
