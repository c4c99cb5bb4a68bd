import { describe, expect, it } from 'vitest';
import { noProgress, planNext } from '../../../../src/engine/rules/plan.ts';
import type { TaskEnd } from '../../../../src/engine/rules/plan.ts';
import { failure, fields, graph, input, sum } from '../../../../src/index.ts';
import type { Route } from '../../../../src/journal/entry.ts';
import { thrownBy } from '../../../support/thrown.ts';

const nothing = (): void => undefined;
const state = fields({ count: sum() });

/** plan → a, b, end; a and b → end. `dig` is sent to, `rescue` takes failures. */
const fan = graph('fan', { state, inputs: { dig: input<number>(), rescue: failure() } })
  .node('plan', nothing)
  .node('a', nothing)
  .node('b', nothing)
  .node('end', nothing)
  .node('dig', nothing)
  .node('rescue', nothing)
  .edge('plan', 'b')
  .edge('plan', 'a')
  .edge('plan', 'end', { when: ({ count }) => count > 1 })
  .edge('a', 'end')
  .edge('b', 'end')
  .start('plan')
  .build().spec;

/** `both` joins left and right; `all` joins left, right and third. */
const joining = graph('joining', { state, inputs: { rescue: failure() } })
  .node('left', nothing, { onError: 'rescue' })
  .node('right', nothing)
  .node('third', nothing)
  .node('both', nothing)
  .node('all', nothing)
  .node('next', nothing)
  .node('rescue', nothing)
  .edge('left', 'next')
  .join(['left', 'right'], 'both')
  .join(['left', 'right', 'third'], 'all')
  .start('left')
  .build().spec;

const done = (node: string, routes?: readonly Route[]): TaskEnd => ({
  kind: 'done',
  node,
  ...(routes === undefined ? {} : { routes }),
});
const goto = (node: string): Route => ({ kind: 'goto', node });
const send = (node: string, given: number): Route => ({ kind: 'send', node, input: given });
const handled = (node: string): TaskEnd => ({ kind: 'handled', node, handler: 'rescue', failure: { node } });

function nodesAfter(ends: readonly TaskEnd[], count = 0): readonly string[] {
  return planNext(fan, { count }, ends, undefined).frontier.map(({ node }) => node);
}

describe('edges', () => {
  it('lead on in declared order, whatever the names are', () => {
    expect(nodesAfter([done('plan')])).toEqual(['b', 'a']);
  });

  it('lead on only where their predicate holds on the merged state', () => {
    expect(nodesAfter([done('plan')], 2)).toEqual(['b', 'a', 'end']);
  });

  it('of two tasks to one node make one task, at its first place', () => {
    expect(nodesAfter([done('a'), done('plan'), done('b')])).toEqual(['end', 'b', 'a']);
  });

  it('count as open only for `true` itself', () => {
    const loose = graph('loose', { state })
      .node('a', nothing)
      .node('b', nothing)
      .edge('a', 'b', { when: (() => 1) as never })
      .start('a')
      .build().spec;
    expect(planNext(loose, { count: 0 }, [done('a')], undefined).frontier).toEqual([]);
  });

  it('whose predicate throws fail with a code that names them', () => {
    const broken = graph('broken', { state })
      .node('a', nothing)
      .node('b', nothing)
      .edge('a', 'b', {
        when: () => {
          throw new Error('no such field');
        },
      })
      .start('a')
      .build().spec;
    const error = thrownBy(() => planNext(broken, { count: 0 }, [done('a')], undefined));
    expect(error).toMatchObject({ code: 'predicate-failed', fields: { from: 'a', to: 'b' } });
    expect(error.cause).toMatchObject({ message: 'no such field' });
  });

  it('end a branch where there are none', () => {
    expect(planNext(fan, { count: 0 }, [done('end')], undefined)).toEqual({ frontier: [], joins: undefined });
  });
});

describe('routes', () => {
  it('take the place of edges, in the order of the list', () => {
    expect(nodesAfter([done('plan', [goto('end'), goto('a')])], 2)).toEqual(['end', 'a']);
  });

  it('send a task each, even to one node, with its input', () => {
    const { frontier } = planNext(
      fan,
      { count: 0 },
      [done('plan', [send('dig', 1), send('dig', 1)]), done('a', [send('dig', 2)])],
      undefined,
    );
    expect(frontier).toEqual([
      { node: 'dig', input: 1 },
      { node: 'dig', input: 1 },
      { node: 'dig', input: 2 },
    ]);
  });

  it('and edges to one node meet in one task', () => {
    expect(nodesAfter([done('plan', [goto('end')]), done('a')])).toEqual(['end']);
  });

  it('that stop lead nowhere', () => {
    expect(nodesAfter([done('plan', [{ kind: 'stop' }]), done('a')])).toEqual(['end']);
  });
});

describe('a failure that a node takes', () => {
  it('is a task of its own at the place of the task that failed', () => {
    const { frontier } = planNext(fan, { count: 0 }, [handled('a'), done('plan'), handled('b')], undefined);
    expect(frontier).toEqual([
      { node: 'rescue', input: { node: 'a' } },
      { node: 'b' },
      { node: 'a' },
      { node: 'rescue', input: { node: 'b' } },
    ]);
  });
});

describe('joins', () => {
  const planAfter = (ends: readonly TaskEnd[], joins?: Parameters<typeof planNext>[3]) =>
    planNext(joining, { count: 0 }, ends, joins);

  it('wait until every source has arrived, over as many steps as that takes', () => {
    const first = planAfter([done('left')]);
    expect(first).toEqual({ frontier: [{ node: 'next' }], joins: { 0: { left: 1 }, 1: { left: 1 } } });
    const second = planAfter([done('right')], first.joins);
    expect(second).toEqual({ frontier: [{ node: 'both' }], joins: { 1: { left: 1, right: 1 } } });
    expect(planAfter([done('third')], second.joins)).toEqual({ frontier: [{ node: 'all' }], joins: undefined });
  });

  it('stand among the edges of their first source that ended', () => {
    expect(planAfter([done('right'), done('left')]).frontier).toEqual([{ node: 'both' }, { node: 'next' }]);
    expect(planAfter([done('left'), done('right')]).frontier).toEqual([{ node: 'next' }, { node: 'both' }]);
  });

  it('take one arrival of each source and keep the rest', () => {
    const { frontier, joins } = planAfter([done('right')], { 0: { left: 3 } });
    expect(frontier).toEqual([{ node: 'both' }]);
    expect(joins).toEqual({ 0: { left: 2 }, 1: { right: 1 } });
  });

  it('count all tasks of one node in a step as one arrival', () => {
    expect(planAfter([done('left'), done('left')]).joins).toEqual({ 0: { left: 1 }, 1: { left: 1 } });
  });

  it('do not count a task that chose its route or that failed', () => {
    expect(planAfter([done('left', [goto('next')]), done('right')]).joins).toEqual({
      0: { right: 1 },
      1: { right: 1 },
    });
    expect(planAfter([handled('left'), done('right')])).toEqual({
      frontier: [{ node: 'rescue', input: { node: 'left' } }],
      joins: { 0: { right: 1 }, 1: { right: 1 } },
    });
  });

  it('leave what they were given as it was', () => {
    const joins = Object.freeze({ 0: Object.freeze({ left: 1 }) });
    planAfter([done('right')], joins);
    expect(joins).toEqual({ 0: { left: 1 } });
  });
});

describe('a run that has nothing left to do', () => {
  it('has made no progress while a join still waits, and says for what', () => {
    const error = noProgress(joining, { 1: { left: 1 }, 0: { right: 2 } });
    expect(error).toMatchObject({
      code: 'no-progress',
      fields: {
        waiting: [
          { join: 'both', missing: ['left'] },
          { join: 'all', missing: ['right', 'third'] },
        ],
      },
    });
  });

  it('is done where no join waits', () => {
    expect(noProgress(joining, undefined)).toBeUndefined();
    expect(noProgress(joining, { 0: { left: 1, right: 1 } })).toBeUndefined();
  });

  it('is done where its joins are no longer in the graph', () => {
    expect(noProgress(fan, { 7: { left: 1 } })).toBeUndefined();
  });
});
