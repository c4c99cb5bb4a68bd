import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { initialState } from '../../../../src/engine/rules/initial-state.ts';
import { append, fields, graph, last, reduce, reducer, sum } from '../../../../src/index.ts';
import { thrownBy } from '../../../support/thrown.ts';

const nothing = (): void => undefined;
const state = fields({ question: last<string>(), findings: append<string>(), count: sum(), tone: last('plain') });
const desk = graph('desk', { state }).node('plan', nothing).start('plan').build().spec;

describe('a state of fields', () => {
  it('begins with the initial values, and the input merged as a first delta', () => {
    const begun = initialState(desk, { question: 'why?', findings: ['a'], count: 2 });
    expect(begun.state).toEqual({ question: 'why?', findings: ['a'], count: 2, tone: 'plain' });
    expect(Object.isFrozen(begun.state)).toBe(true);
  });

  it('is committed as step 0: the input, the patch, and the node that starts', () => {
    const { commit } = initialState(desk, { question: 'why?' });
    expect(commit).toMatchObject({ kind: 'commit', input: { question: 'why?' }, frontier: [{ node: 'plan' }] });
    expect('at' in commit).toBe(false);
  });

  it.each<[string, unknown, object]>([
    ['an input that is a list', ['question'], {}],
    ['no input where a field needs a value', undefined, {}],
    ['a field that is not there', { question: 'why?', qestion: 1 }, { field: 'qestion' }],
    ['no value for a field that has none', { count: 1 }, { field: 'question' }],
    ['a value that its field cannot merge', { question: 'why?', count: 'two' }, {}],
  ])('refuses %s', (_what, given, facts) => {
    expect(thrownBy(() => initialState(desk, given as never))).toMatchObject({ code: 'input-invalid', fields: facts });
  });

  it.each([[[]], [{ count: 1 }]])('says of a graph without fields what to give in place of %j', (given) => {
    const bare = graph('bare', { state: fields({}) })
      .node('plan', nothing)
      .start('plan')
      .build().spec;
    expect(thrownBy(() => initialState(bare, given as never))).toMatchObject({
      nextStep: 'It has no fields: give {}.',
    });
  });

  it('takes an own field by the name of something inherited', () => {
    const inherited = graph('inherited', { state: fields({ constructor: last<string>() }) })
      .node('plan', nothing)
      .start('plan')
      .build().spec;
    expect(thrownBy(() => initialState(inherited, {}))).toMatchObject({ fields: { field: 'constructor' } });
    expect(initialState(inherited, { constructor: 'own' } as never).state).toEqual({ constructor: 'own' });
  });

  it('tells apart a reducer that throws, which is no fault of the input alone', () => {
    const broken = graph('broken', {
      state: fields({
        total: reduce<number>(() => {
          throw new Error('no number');
        }, 0),
      }),
    })
      .node('plan', nothing)
      .start('plan')
      .build().spec;
    const error = thrownBy(() => initialState(broken, { total: 1 }));
    expect(error.code).toBe('input-invalid');
    expect(error.cause).toMatchObject({ code: 'reducer-failed' });
  });
});

describe('a state of one function', () => {
  it('begins with what the function makes of its initial value and the input', () => {
    const counting = graph('counting', {
      state: reducer((before: { readonly count: number }, by: number) => ({ count: before.count + by }), { count: 1 }),
    })
      .node('plan', nothing)
      .start('plan')
      .build().spec;
    expect(initialState(counting, 4).state).toEqual({ count: 5 });
  });
});

describe('the schema of the input', () => {
  const withInput = (schema: z.ZodType) =>
    graph('desk', { state, schema: { input: schema } } as never as { state: typeof state })
      .node('plan', nothing)
      .start('plan')
      .build().spec;

  it('completes the input, and the journal holds what it gave', () => {
    const trimming = withInput(z.object({ question: z.string().trim() }));
    const begun = initialState(trimming, { question: ' why? ' });
    expect(begun.state).toMatchObject({ question: 'why?' });
    expect(begun.commit.input).toEqual({ question: 'why?' });
  });

  it('refuses what does not fit, with the path', () => {
    const strict = withInput(z.object({ question: z.string().min(3) }));
    expect(thrownBy(() => initialState(strict, { question: '' }))).toMatchObject({
      code: 'input-invalid',
      fields: { graph: 'desk', path: 'question' },
    });
  });

  it.each<[string, z.ZodType]>([
    ['changes what it gave itself', z.object({ question: z.string().transform((text) => `${text}!`) })],
    ['refuses what it gave itself', z.object({ question: z.enum(['why?']).transform(() => 'changed') })],
  ])('fails where it %s, for a replay asks it about that', (_what, schema) => {
    expect(thrownBy(() => initialState(withInput(schema), { question: 'why?' })).code).toBe('schema-failed');
  });

  it('is asked once where it leaves the input as it is', () => {
    let count = 0;
    const counting = z.object({ question: z.string() }).refine(() => {
      count += 1;
      return true;
    });
    initialState(withInput(counting), { question: 'why?' });
    expect(count).toBe(1);
  });
});

describe('the schema of the state', () => {
  it('refuses an input with which the state does not fit', () => {
    const atMostTwo = z.object({ count: z.number().max(2) });
    const limited = graph('desk', { state, schema: { state: atMostTwo } } as never as { state: typeof state })
      .node('plan', nothing)
      .start('plan')
      .build().spec;
    expect(initialState(limited, { question: 'why?', count: 2 }).state).toMatchObject({ count: 2 });
    expect(thrownBy(() => initialState(limited, { question: 'why?', count: 3 }))).toMatchObject({
      code: 'input-invalid',
      fields: { graph: 'desk', path: 'count' },
    });
  });
});
