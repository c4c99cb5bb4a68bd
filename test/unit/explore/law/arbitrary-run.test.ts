// Arbitrary values for properties of users: of the shape of what was recorded, and shrunk within it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { append, createEngine, fields, graph, last, memoryStore, RepriseError, sum } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import { arbitraryDelta, arbitraryRun } from '../../../../src/explore/index.ts';
import type { RecordedRun } from '../../../../src/explore/index.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { loadFastCheck } from '../../../../src/explore/fast-check.ts';
import { arbitraryOfShape } from '../../../../src/explore/law/value/arbitrary-value.ts';
import { plainValues } from '../../../../src/explore/law/value/plain-values.ts';
import { shrunkValues } from '../../../../src/explore/law/value/shrunk-value.ts';
import { matches, shapeOf } from '../../../../src/explore/law/value/value-shape.ts';
import type { ValueShape } from '../../../../src/explore/law/value/value-shape.ts';
import { values } from '../../../support/values.ts';

async function recorded(made: AnyGraph, input: object, count = 1): Promise<readonly RecordedRun[]> {
  const store = memoryStore();
  const engine = createEngine(made, { store });
  for (let number = 1; number <= count; number += 1) await engine.run(input as never, { runId: `run-${number}` });
  await engine.close();
  return Array.from({ length: count }, (_, index) => store.read(`run-${index + 1}`));
}

describe('the shape of values', () => {
  const shaped = fc.array(values, { minLength: 1, maxLength: 4 });

  it('is that of each of them, of what is made by it, and of whatever that shrinks to', () => {
    fc.assert(
      fc.property(shaped, fc.integer(), (samples, seed) => {
        const shape = shapeOf(samples) as ValueShape;
        expect(samples.every((sample) => matches(shape, sample))).toBe(true);
        expect(plainValues(shape).every((value) => matches(shape, value))).toBe(true);
        for (const value of fc.sample(arbitraryOfShape(loadFastCheck(), shape, samples), { numRuns: 10, seed })) {
          expect(matches(shape, value)).toBe(true);
          for (const smaller of [...shrunkValues(shape, value)].slice(0, 20))
            expect(matches(shape, smaller)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('lets every value shrink to an end', () => {
    fc.assert(
      fc.property(shaped, fc.integer(), (samples, seed) => {
        const shape = shapeOf(samples) as ValueShape;
        let [value] = fc.sample(arbitraryOfShape(loadFastCheck(), shape, samples), { numRuns: 1, seed }) as [Value];
        for (let count = 0; ; count += 1) {
          expect(count).toBeLessThan(2_000);
          const { value: smaller, done } = shrunkValues(shape, value).next();
          if (done === true) break;
          value = smaller as Value;
        }
      }),
      { numRuns: 200 },
    );
  });

  const shapeOfPlain = (...plain: readonly unknown[]): ValueShape =>
    shapeOf(plain.map((value) => canonicalValue(value, 'value'))) as ValueShape;
  const fits = (shape: ValueShape, value: unknown): boolean => matches(shape, canonicalValue(value, 'value'));

  it('keeps records with other keys or tags apart', () => {
    const actions = shapeOfPlain({ kind: 'add', item: 'a' }, { kind: 'remove', id: 'a' });
    expect(fits(actions, { kind: 'add', item: 'b' })).toBe(true);
    expect(fits(actions, { kind: 'add', id: 'b' })).toBe(false);
    expect(fits(actions, { kind: 'move', id: 'b' })).toBe(false);
  });

  it('takes keys for data if they are', () => {
    expect(shapeOfPlain({ alice: 1 }, { bob: 2, eve: 3 })).toMatchObject({ kind: 'dictionary' });
    expect(shapeOfPlain({ id: 'x', at: 1 }, { id: 'y', at: 2 })).toMatchObject({ kind: 'record' });
    expect(shapeOfPlain({ added: ['a'] }, { removed: ['a'] })).toMatchObject({ kind: 'either' });
  });

  it('keeps texts that have a form, vectors, and whole numbers', () => {
    expect(shapeOfPlain('2026-11-28', '2026-11-27')).toMatchObject({ kind: 'samples' });
    expect(shapeOfPlain('https://a.example')).toMatchObject({ kind: 'samples' });
    expect(shapeOfPlain('a text')).toMatchObject({ kind: 'text' });
    expect(shapeOfPlain([1, 2], [3, 4])).toMatchObject({ kind: 'list', fixed: 2 });
    expect(shapeOfPlain(['a'], ['b', 'c'])).toMatchObject({ kind: 'list', fixed: undefined });
    expect(shapeOfPlain(1, 2)).toMatchObject({ kind: 'number', isWhole: true, least: 0 });
    expect(shapeOfPlain(0.5)).toMatchObject({ kind: 'number', isWhole: false, most: 1 });
  });
});

const desk = graph('desk', { state: fields({ findings: append<{ topic: string; pages: number }>(), cost: sum() }) })
  .node('search', () => ({ delta: { findings: [{ topic: 'storage', pages: 3 }], cost: 1 } }))
  .node('count', () => ({ delta: { cost: 2 } }))
  .edge('search', 'count')
  .start('search')
  .build();

describe('arbitraryDelta', () => {
  it('gives deltas that the nodes could have given', async () => {
    const deltas = await arbitraryDelta<object>(await recorded(desk, {}));
    const keys = fc.sample(deltas, { numRuns: 200, seed: 1 }).map((delta) => Object.keys(delta).join());
    expect(new Set(keys)).toEqual(new Set(['cost', 'cost,findings']));
    const counted = await arbitraryDelta<{ cost: number }>(await recorded(desk, {}), { node: 'count' });
    fc.assert(
      fc.property(counted, (delta) => {
        expect(Object.keys(delta)).toEqual(['cost']);
        expect(Number.isInteger(delta.cost)).toBe(true);
      }),
    );
  });

  it('reads fixtures, and shrinks', async () => {
    const deltas = await arbitraryDelta<{ tokens?: number }>('fixtures/web-answer/web-answer-1.run.jsonl');
    const { failed, counterexample } = fc.check(
      fc.property(deltas, ({ tokens = 0 }) => tokens < 2),
      { seed: 3 },
    );
    expect({ failed, tokens: counterexample?.[0].tokens }).toEqual({ failed: true, tokens: 2 });
  });

  it('says what is missing', async () => {
    const from = await recorded(desk, {});
    await expect(arbitraryDelta(from, { node: 'nobody' })).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(arbitraryDelta(7 as never)).rejects.toBeInstanceOf(RepriseError);
  });
});

describe('arbitraryRun', () => {
  const asking = graph('asking', { state: fields({ question: last<string>(), titles: append<string>() }) })
    .node('search', async (state, { effect, sleep }) => {
      // A drawn run takes no time.
      await sleep(state.question === 'why?' ? 1 : 3_600_000);
      const found = await effect('search', state.question, () => [{ title: 'Storage' }, { title: 'Formats' }]);
      return { delta: { titles: found.map(({ title }) => title) } };
    })
    .start('search')
    .build();

  it('answers effects with what is like recorded answers, and performs nothing', async () => {
    const runs = await arbitraryRun(asking, { from: await recorded(asking, { question: 'why?' }) });
    const lengths = new Set<number>();
    await fc.assert(
      fc.asyncProperty(runs, async ({ input, run }) => {
        const { status, state } = await run();
        expect(status).toBe('done');
        expect(state.question).toBe(input.question);
        lengths.add(state.titles.length);
      }),
      { numRuns: 40, seed: 1 },
    );
    expect(lengths.size).toBeGreaterThan(2);
  });

  it('comes out alike when it runs again', async () => {
    const drawing = graph('drawing', { state: fields({ ids: append<string>(), at: last<number>(0) }) })
      .node('draw', () => ({ delta: { ids: [crypto.randomUUID()], at: Date.now() } }))
      .start('draw')
      .build();
    const [one] = fc.sample(await arbitraryRun(drawing), 1);
    const [first, second] = [await one?.run(), await one?.run()];
    expect(first?.state).toEqual(second?.state);
  });

  it('shrinks a run to the answer that matters', async () => {
    const runs = await arbitraryRun(asking, { from: await recorded(asking, { question: 'why?' }) });
    const result = await fc.check(
      fc.asyncProperty(runs, async ({ run }) => (await run()).state.titles.length !== 0),
      { seed: 5, numRuns: 200 },
    );
    expect(result.counterexample?.[0]).toMatchObject({
      input: { question: '' },
      answers: { 'search: call search': [{ outcome: { kind: 'value', value: [] } }] },
    });
  });

  it('draws inputs that the schema allows, and refuses effects that nothing answers', async () => {
    const checked = graph('checked', {
      state: fields({ count: last<number>(), found: last<string>('') }),
      schema: { input: z.object({ count: z.number().int().min(3).max(5) }) },
    })
      .node('ask', async (_, { effect }) => ({ delta: { found: await effect('unknown', 1, () => 'outside') } }))
      .start('ask')
      .build();
    await fc.assert(
      fc.asyncProperty(await arbitraryRun(checked), async ({ input, run }) => {
        expect([3, 4, 5]).toContain(input.count);
        const ended = await run();
        expect(ended).toMatchObject({ status: 'failed', error: { code: 'effect-missing' } });
      }),
      { numRuns: 10 },
    );
  });

  it('fails in its nodes if an answer is an error, and pauses at a question that nobody answers', async () => {
    const flaky = graph('flaky', { state: fields({ text: last<string>('') }) })
      .node('try', async (_, { effect, ask }) => {
        const text = await effect('read', 1, (): string => {
          throw new TypeError('no such page');
        }).catch((error: Error) => error.message);
        return { delta: { text: `${text} ${await ask<string>('Who?')}` } };
      })
      .start('try')
      .build();
    const [one] = fc.sample(await arbitraryRun(flaky, { from: await recorded(flaky, {}) }), 1);
    expect(one?.answers[': call read']?.[0]?.outcome).toMatchObject({ kind: 'error' });
    expect(await one?.run()).toMatchObject({ status: 'paused' });
  });

  it('needs to know something about the input', async () => {
    await expect(arbitraryRun(asking)).rejects.toMatchObject({ code: 'option-invalid' });
  });
});
