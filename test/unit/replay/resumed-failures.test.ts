// A failed run that was resumed has more attempts than its policy allows. It replays all the same; a changed policy does not.
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

interface Policy {
  readonly attempts?: number;
  readonly when?: (error: unknown) => boolean;
}

/** Fails until its attempt has this number. */
function failing(succeedsAt: number, { attempts, when }: Policy): AnyGraph {
  const retry = attempts === undefined ? {} : { retry: { attempts, ...(when === undefined ? {} : { when }) } };
  return graph('failing', { state: fields({ a: last(0) }) })
    .node(
      'try',
      async (_state, { attempt, effect }) => {
        await effect('try', { attempt }, async () => attempt);
        if (attempt < succeedsAt) throw new Error(attempt === 1 ? 'first' : 'again');
        return { delta: { a: attempt } };
      },
      retry,
    )
    .start('try')
    .build() as unknown as AnyGraph;
}

async function fixtureOf(made: AnyGraph, resumes: number, observed = true): Promise<string> {
  const store = memoryStore();
  const engine = createEngine(made, { store });
  await engine.run({}, { runId: 'run' });
  for (let count = 0; count < resumes; count += 1) await engine.resume('run');
  return await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`, { observed });
}

const notFirst = (error: unknown): boolean => (error as Error).message !== 'first';

describe('a failed run that was resumed', () => {
  const cases: readonly (readonly [string, number, number, Policy])[] = [
    ['once, without retries', 2, 1, {}],
    ['twice, without retries', 3, 2, {}],
    ['once, after two attempts', 3, 1, { attempts: 2 }],
    ['twice, with two attempts each', 5, 2, { attempts: 2 }],
    ['and failed again', 9, 2, { attempts: 2 }],
    ['once, and not retried by itself', 3, 1, { attempts: 3, when: notFirst }],
  ];

  it.each(cases)('replays: %s', async (_name, succeedsAt, resumes, policy) => {
    const made = failing(succeedsAt, policy);
    for (const observed of policy.when === undefined ? [true, false] : [true]) {
      const path = await fixtureOf(made, resumes, observed);
      for (const mode of ['effects', 'outputs'] as const)
        for (const strictness of ['strict', 'lenient'] as const) {
          const { report } = await replay(made, path, { mode, strictness });
          expect(report.divergences).toEqual([]);
        }
    }
  });

  it.each<[string, Policy, Policy]>([
    ['fewer attempts', { attempts: 3 }, {}],
    ['no retry of this error', { attempts: 3 }, { attempts: 3, when: notFirst }],
  ])('is not what a changed policy looks like: %s', async (_name, before, now) => {
    const path = await fixtureOf(failing(3, before), 0);
    for (const strictness of ['strict', 'lenient'] as const) {
      const { report } = await replay(failing(3, now), path, { strictness });
      expect(report.verdict).toBe('diverged');
      expect(report.divergences.find(({ kind }) => kind !== 'graph')).toMatchObject({ kind: 'error' });
    }
  });
});
