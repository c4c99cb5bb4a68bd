import { fields, graph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { TaskRun } from '../../../../src/engine/drive/task-run.ts';
import type { TaskResult } from '../../../../src/engine/drive/task-step.ts';
import { liveWorld } from '../../../../src/engine/world/live-world.ts';
import { stepKey, taskKey } from '../../../../src/journal/key.ts';
import type { TaskWorld } from '../../../../src/port/world.ts';
import { testRun } from '../../../support/run-parts.ts';
import type { TestRun, TestRunOptions } from '../../../support/run-parts.ts';

const at = stepKey('', 1);

interface Bench extends TestRun {
  readonly task: TaskRun;
  readonly results: TaskResult[];
}

interface BenchOptions extends TestRunOptions {
  readonly world?: Partial<TaskWorld>;
  /** Asked before each retry. */
  readonly when?: () => boolean;
}

/** A task whose node fails until its attempt of this number. */
async function bench(
  succeedsAt: number,
  { world = {}, when = () => true, ...options }: BenchOptions = {},
  delayMs = 100,
): Promise<Bench> {
  const flaky = graph('flaky', { state: fields({}) })
    .node(
      'work',
      (_state, { attempt }) => {
        if (attempt < succeedsAt) throw new Error(`attempt ${attempt}`);
      },
      { retry: { attempts: 3, delayMs, backoff: 1, when } },
    )
    .start('work')
    .build();
  const run = await testRun(flaky, options);
  const results: TaskResult[] = [];
  const [live] = (liveWorld(run.clock).openStep(at, [{ node: 'work' }]) as { readonly tasks: readonly TaskWorld[] })
    .tasks;
  const step = {
    parts: run.parts,
    graph: flaky.spec,
    state: {},
    innerRun: () => expect.fail('no subgraph'),
    taskEnded: (_rank: number, result: TaskResult) => void results.push(result),
  };
  const attempt = (number: number, isResumable: boolean) => (live as TaskWorld).attempt(number, isResumable);
  const task = new TaskRun(step, 0, taskKey(at, 0), { node: 'work' }, { ...world, attempt });
  task.start();
  return { ...run, task, results };
}

const outcomes = async ({ entries }: Bench): Promise<readonly string[]> =>
  (await entries()).flatMap((entry) => (entry.kind === 'outcome' ? [`${entry.at} ${entry.result.status}`] : []));

describe('a task', () => {
  it('is attempted until it is done, with the wait between', async () => {
    const made = await bench(2);
    made.oracle.deliverAll();
    made.clock.step(99);
    made.oracle.deliverAll();
    expect(await outcomes(made)).toEqual(['1.0#1 failed']);
    made.clock.step(1);
    made.oracle.deliverAll();
    expect(made.results).toEqual([expect.objectContaining({ kind: 'done', attempts: 2 })]);
    expect(await outcomes(made)).toEqual(['1.0#1 failed', '1.0#2 done']);
  });

  it('fails with its last attempt', async () => {
    const made = await bench(9, {}, 0);
    made.oracle.deliverAll();
    expect(made.results).toEqual([
      expect.objectContaining({
        kind: 'failed',
        attempts: 3,
        error: expect.objectContaining({ message: 'attempt 3' }),
      }),
    ]);
  });

  it('that is stopped while it waits ends at once, and nothing of it comes later', async () => {
    const made = await bench(2);
    made.oracle.deliverAll();
    made.task.stop(new Error('stop'));
    made.task.stop(new Error('again'));
    expect([made.results, made.clock.timerCount]).toEqual([[{ kind: 'stopped' }], 0]);
    made.clock.step(1_000);
    made.oracle.deliverAll();
    expect(made.results).toHaveLength(1);
    expect(await outcomes(made)).toEqual(['1.0#1 failed']);
  });

  it('that is stopped while the oracle holds its retry is not attempted again', async () => {
    const made = await bench(2, {}, 0);
    made.oracle.waiting.shift()?.deliver();
    expect(made.oracle.waiting.map(({ kind }) => kind)).toEqual(['retry']);
    made.task.stop(new Error('stop'));
    made.oracle.deliverAll();
    expect(made.results).toEqual([{ kind: 'stopped' }]);
  });

  it('that is stopped while its attempt ends is not attempted again', async () => {
    const made: Bench = await bench(2, {
      when: () => {
        made.task.stop(new Error('stop'));
        return true;
      },
    });
    made.oracle.deliverAll();
    expect([made.results, made.clock.timerCount]).toEqual([[{ kind: 'stopped' }], 0]);
    expect(await outcomes(made)).toEqual(['1.0#1 failed']);
  });

  it('that waits for long is parked: the run may leave memory, and is told when to wake', async () => {
    const made = await bench(2, { isDurable: true, parkMs: 50 });
    made.oracle.deliverAll();
    expect(made.parts.rest.wakeAt).toBe(made.clock.now() + 100);
    made.clock.step(100);
    expect(made.parts.rest.wakeAt).toBeUndefined();
    made.oracle.deliverAll();
    expect(made.results).toEqual([expect.objectContaining({ kind: 'done' })]);
  });

  it('that is stopped while it is parked waits no more', async () => {
    const made = await bench(2, { isDurable: true, parkMs: 50 });
    made.oracle.deliverAll();
    made.task.stop(new Error('stop'));
    expect([made.parts.rest.wakeAt, made.results]).toEqual([undefined, [{ kind: 'stopped' }]]);
  });

  it.each([
    ['waits for the rest of a wait that a crash cut off', { knownAttempts: 1, waitsSince: 960 }, 60],
    ['waits no more where that is over', { knownAttempts: 1, waitsSince: 800 }, 0],
    ['waits no more before an attempt that had begun', { knownAttempts: 1 }, 0],
    ['waits in full after an attempt of its own', { knownAttempts: 0 }, 100],
  ])('of a resumed run %s', async (_name, world, expected) => {
    const made = await bench(2, { world });
    made.oracle.waiting.shift()?.deliver();
    if (expected > 0) {
      made.clock.step(expected - 1);
      expect(made.oracle.waiting).toEqual([]);
      made.clock.step(1);
    }
    expect(made.oracle.waiting.map(({ kind }) => kind)).toEqual(['retry']);
  });
});
