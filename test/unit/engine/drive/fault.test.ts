// A belief about Reprise's own code that turns out wrong: the run is given back with everything its journal holds.
import { createEngine, fields, graph, sum } from 'reprise';
import { describe, expect, it } from 'vitest';
import { AssertionFault, assert } from '../../../../src/base/assert.ts';
import { liveWorld } from '../../../../src/engine/world/live-world.ts';
import { liveClock } from '../../../../src/live/clock.ts';
import type { World } from '../../../../src/port/world.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { keptStore } from '../../../support/changed-store.ts';
import { testEngine } from '../../../support/test-engine.ts';

const counter = graph('counter', { state: fields({ count: sum() }) })
  .node('increase', async (_state, { effect }) => ({ delta: { count: await effect('one', {}, () => 1) } }))
  .edge('increase', 'increase', { when: ({ count }) => count < 4 })
  .start('increase')
  .build();

const faults: Readonly<Record<string, (world: World) => World>> = {
  'before a step': (world) => ({
    ...world,
    openStep: (at, tasks) => {
      assert(at !== '3', 'a step that must not be');
      return world.openStep(at, tasks);
    },
  }),
  'in the middle of a task': (world) => ({
    ...world,
    openStep: (at, tasks) => {
      const plan = world.openStep(at, tasks);
      if (plan.kind === 'end' || at !== '3') return plan;
      const withFault = plan.tasks.map((task) => ({
        attempt: (number: number, isResumable: boolean) => ({
          ...task.attempt(number, isResumable),
          settle: () => {
            assert(false, 'an end that must not be');
          },
        }),
      }));
      return { ...plan, tasks: withFault as never };
    },
  }),
};

describe.each(Object.entries(faults))('a fault of Reprise %s', (_where, plant) => {
  it('rejects the result, loses nothing, and the run is resumed by code without it', async () => {
    const store = memoryStore();
    const kept = keptStore(store);
    const world = plant(liveWorld(liveClock));
    const host = testEngine(counter, { store: kept, clock: liveClock, world }, { graceMs: 10 });
    await expect(host.run({}, { runId: 'run' })).rejects.toThrow(AssertionFault);
    expect(await store.find('run')).toMatchObject({ status: 'interrupted', step: 2 });
    await host.close();

    const engine = createEngine(counter, { store: kept });
    expect((await engine.resume('run').orThrow()).count).toBe(4);
    await engine.close();
  });
});
