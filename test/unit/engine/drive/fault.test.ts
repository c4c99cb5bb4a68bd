// A belief about Reprise's own code that turns out wrong: the run is given back with everything its journal holds.
import { createEngine, fields, graph, sum } from 'reprise';
import { describe, expect, it } from 'vitest';
import { AssertionFault, assert } from '../../../../src/base/assert.ts';
import { RunHost } from '../../../../src/engine/host/run-host.ts';
import { engineSettings } from '../../../../src/engine/options/engine-options.ts';
import { liveWorld } from '../../../../src/engine/world/live-world.ts';
import { liveClock } from '../../../../src/live/clock.ts';
import { liveRejections } from '../../../../src/live/rejections.ts';
import { arrivalOrder } from '../../../../src/port/oracle.ts';
import type { World } from '../../../../src/port/world.ts';
import { memoryStore } from '../../../../src/store/memory.ts';

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
    const kept = new Proxy(store, {
      get(target, name) {
        if (name === 'close') return () => undefined;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
    const host = new RunHost(
      counter,
      {
        clock: liveClock,
        entropy: { runId: () => 'owner', seed: () => 'seed' },
        oracle: arrivalOrder,
        world: plant(liveWorld(liveClock)),
        store: kept,
        rejections: liveRejections,
        sources: [],
        sinks: [],
        attachPollMs: 1,
      },
      engineSettings({ graceMs: 10 }),
    );
    await expect(host.run({}, { runId: 'run' })).rejects.toThrow(AssertionFault);
    expect(await store.find('run')).toMatchObject({ status: 'interrupted', step: 2 });
    await host.close();

    const engine = createEngine(counter, { store: kept });
    expect((await engine.resume('run').orThrow()).count).toBe(4);
    await engine.close();
  });
});
