// A run that is stopped by its own code, in the middle of something that the engine does.
import { createEngine, fields, graph, sum } from 'reprise';
import { describe, expect, it } from 'vitest';
import type { AnyGraph } from '../../../../src/graph/built-graph.ts';

type Stop = () => void;

const state = fields({ count: sum() });

/** Each would wait for an answer that nobody gives if the stop were lost. */
const programs: Readonly<Record<string, (stop: Stop) => AnyGraph>> = {
  'the listener of an attempt that times out': (stop) =>
    graph('timed', { state })
      .node(
        'work',
        async (_state, { attempt, signal, ask }) => {
          if (attempt > 1) await ask('more?');
          await new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              stop();
              reject(signal.reason as Error);
            }),
          );
        },
        { timeoutMs: 5, retry: { attempts: 2 } },
      )
      .start('work')
      .build(),
  'the predicate of a retry': (stop) =>
    graph('retried', { state })
      .node(
        'work',
        async (_state, { attempt, ask }) => {
          if (attempt === 1) throw new Error('again');
          await ask('more?');
        },
        {
          retry: {
            attempts: 2,
            when: () => {
              stop();
              return true;
            },
          },
        },
      )
      .start('work')
      .build(),
  'a task that gets the slot of one that fails': (stop) =>
    graph('crowded', { state })
      .node('begin', () => {})
      .node(
        'work',
        async (_state, { attempt, ask }) => {
          if (attempt === 1) throw new Error('again');
          await ask('more?');
        },
        { retry: { attempts: 2 } },
      )
      .node('stopper', () => stop())
      .edge('begin', 'work')
      .edge('begin', 'stopper')
      .start('begin')
      .build(),
  'the input function of a subgraph': (stop) =>
    graph('mapped', { state })
      .subgraph('inner', asking, {
        input: () => {
          stop();
          return {};
        },
        output: () => ({}),
      })
      .start('inner')
      .build(),
};

const asking = graph('asking', { state })
  .node('work', async (_state, { ask }) => void (await ask('more?')))
  .start('work')
  .build();

describe.each(Object.entries(programs))('a run that is stopped by %s', (_where, program) => {
  it('is cancelled at once', async () => {
    const controller = new AbortController();
    const engine = createEngine(
      program(() => controller.abort('enough')),
      { maxConcurrent: 1, graceMs: 3_600_000 },
    );
    const run = await engine.run({}, { runId: 'run', signal: controller.signal });
    expect(run).toMatchObject({ status: 'cancelled', reason: 'enough', detached: [] });
    await engine.close();
  });
});
