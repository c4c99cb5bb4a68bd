// How a failed run resumes, and a run whose code has changed.
import { createEngine, failure, fields, graph, append } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { journalIn, keysOf, leave, places, runId } from './going-on.ts';
import type { Place } from './going-on.ts';

async function run(place: Place, built: AnyGraph) {
  await using engine = createEngine(built, { store: place() });
  return await engine.run({}, { runId, seed: 'seed' });
}

async function resume(place: Place, built: AnyGraph, options: { readonly force?: boolean } = {}) {
  await using engine = createEngine(built, { store: place() });
  return await engine.resume(runId, options);
}

describe.each(places)('on $name', ({ make }) => {
  describe('a failed run', () => {
    function failing(attempts: number | undefined, worksFrom: () => number) {
      const performed: string[] = [];
      const built = graph('failing', { state: fields({ log: append<string>() }) })
        .node('start', () => ({}))
        .node('steady', async (_state, { effect }) => {
          await effect('steady', 1, () => performed.push('steady'));
          return { delta: { log: ['steady'] } };
        })
        .node(
          'shaky',
          async (_state, { effect, attempt }) => {
            await effect('shaky', 1, () => performed.push(`shaky ${attempt}`), { repeat: true });
            if (attempt < worksFrom()) throw new Error(`attempt ${attempt} failed`);
            return { delta: { log: [`shaky ${attempt}`] } };
          },
          attempts === undefined ? {} : { retry: { attempts } },
        )
        .edge('start', 'steady')
        .edge('start', 'shaky')
        .start('start')
        .build();
      return { built, performed };
    }

    it.each([
      { attempts: undefined, failed: 1 },
      { attempts: 2, failed: 2 },
    ])(
      'gives its failed task as many attempts again, with consecutive numbers: $attempts',
      async ({ attempts, failed }) => {
        const place = make();
        let worksFrom = 100;
        const { built, performed } = failing(attempts, () => worksFrom);
        const numbers = (count: number): readonly string[] =>
          Array.from({ length: count }, (_unused, index) => `shaky ${index + 1}`);
        for (let round = 1; round <= 3; round += 1) {
          const result = round === 1 ? await run(place, built) : await resume(place, built);
          expect(result).toMatchObject({
            status: 'failed',
            error: { cause: { message: `attempt ${round * failed} failed` } },
          });
          expect(performed).toEqual(['steady', ...numbers(round * failed)]);
        }
        worksFrom = 0;
        const last = 3 * failed + 1;
        expect(await resume(place, built)).toMatchObject({
          status: 'done',
          state: { log: ['steady', `shaky ${last}`] },
        });
        expect(performed).toEqual(['steady', ...numbers(last)]);
        const outcomes = keysOf(await journalIn(place), 'outcome').filter((at) => at.startsWith('2.1'));
        expect(outcomes).toEqual(Array.from({ length: last }, (_unused, index) => `2.1#${index + 1}`));
      },
    );

    it('that was resumed and cut off again has no attempt more or less', async () => {
      const place = make();
      const { built, performed } = failing(2, () => 5);
      await run(place, built);
      await resume(place, built);
      const whole = await journalIn(place);
      expect(keysOf(whole, 'outcome').at(-1)).toBe('2.1#4');
      expect(whole.at(-1)?.kind).toBe('end');
      const third = whole.findIndex((entry) => entry.kind === 'outcome' && entry.at === '2.1#3');
      const left = make();
      await leave(left, whole.slice(0, third + 1));
      performed.length = 0;
      expect((await resume(left, built)).status).toBe('failed');
      expect(performed).toEqual(['shaky 4']);
      expect(keysOf(await journalIn(left), 'outcome').at(-1)).toBe('2.1#4');
    });

    it('retries nothing that another node handled', async () => {
      const place = make();
      const performed: string[] = [];
      let isBroken = true;
      const built = graph('handled', {
        state: fields({ log: append<string>() }),
        inputs: { rescue: failure() },
      })
        .node('start', () => ({}))
        .node(
          'handled',
          async (_state, { attempt }) => {
            performed.push(`handled ${attempt}`);
            throw new Error('never works');
          },
          { onError: 'rescue', retry: { attempts: 2 } },
        )
        .node('broken', () => {
          if (isBroken) throw new Error('not yet');
          return { delta: { log: ['mended'] } };
        })
        .node('rescue', () => ({ delta: { log: ['rescued'] } }))
        .edge('start', 'handled')
        .edge('start', 'broken')
        .start('start')
        .build();
      expect((await run(place, built)).status).toBe('failed');
      isBroken = false;
      expect(await resume(place, built)).toMatchObject({ status: 'done', state: { log: ['mended', 'rescued'] } });
      expect(performed).toEqual(['handled 1', 'handled 2']);
    });
  });

  describe('changed code', () => {
    const performed: string[] = [];
    const asking = (first: string, second?: string): AnyGraph =>
      graph('changing', { state: fields({ log: append<string>() }) })
        .node('ask', async (_state, { effect }) => {
          const perform = (name: string) => (): string => {
            performed.push(name);
            return name;
          };
          const log = [await effect(first, first, perform(first))];
          if (second !== undefined) log.push(await effect(second, second, perform(second)));
          return { delta: { log } };
        })
        .start('ask')
        .build();

    /** The process died after the first effect was journaled. */
    async function cutOff(place: Place): Promise<number> {
      const whole = make();
      await run(whole, asking('old', 'next'));
      const entries = await journalIn(whole);
      const count = entries.findIndex((entry) => entry.kind === 'effect') + 1;
      await leave(place, entries.slice(0, count));
      performed.length = 0;
      return count;
    }

    it.each([
      { what: 'asks for something else', changed: asking('new', 'next'), says: ':call:new instead' },
      { what: 'asks for nothing', changed: graphOfNothing(), says: 'ended without it' },
    ])('is resume-diverged if it $what: nothing is performed, nothing is written', async ({ changed, says }) => {
      const place = make();
      const count = await cutOff(place);
      await expect(resume(place, changed)).rejects.toMatchObject({
        code: 'resume-diverged',
        message: expect.stringContaining(says),
        fields: { at: '1.0#1', recorded: 'old' },
      });
      expect(performed).toEqual([]);
      expect((await journalIn(place)).length).toBe(count);
      const store = place();
      expect(await store.find(runId)).toMatchObject({ status: 'interrupted' });
      await store.close();
      expect(await resume(place, asking('old', 'next'))).toMatchObject({
        status: 'done',
        state: { log: ['old', 'next'] },
      });
      expect(performed).toEqual(['next']);
    });

    it('is resumed by force', async () => {
      const place = make();
      await cutOff(place);
      expect(await resume(place, asking('new', 'next'), { force: true })).toMatchObject({
        status: 'done',
        state: { log: ['new', 'next'] },
      });
      expect(performed).toEqual(['new', 'next']);
    });

    function graphOfNothing(): AnyGraph {
      return graph('changing', { state: fields({ log: append<string>() }) })
        .node('ask', () => ({ delta: { log: ['nothing'] } }))
        .start('ask')
        .build();
    }
  });
});
