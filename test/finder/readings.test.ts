// Times that are read, and values that are drawn, in branches beside each other: which branch gets which depends on the order
// in every program. It is no difference by itself, and hides none.
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { fields, graph, last, now, random, uuid } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { explore } from '../../src/explore/explore.ts';
import { explain } from '../../src/explore/explain/explain.ts';
import type { ExploreReport } from '../../src/explore/explore.ts';
import { exploreText } from '../../src/report/explore/explore-text.ts';
import { fanOut, oneNode } from './fan-out.ts';
import { answerAfter } from './paths.ts';
import { recorded } from './recorded.ts';

/** Three branches, each of which says something of the answer that it got. */
function branches(said: (answer: string) => unknown): () => AnyGraph {
  return () => {
    let helper: { readonly made: true } | undefined;
    return graph('branches', { state: fields({ output: last<unknown>(null) }) })
      .node('call', async () => {
        const output = await Promise.all(
          [60, 5, 30].map(async (ms) => {
            const answer = await answerAfter(ms, `text${ms}`);
            helper ??= { made: true };
            return helper.made && said(answer);
          }),
        );
        return { delta: { output: output as never } };
      })
      .start('call')
      .build();
  };
}

async function explored(make: () => AnyGraph): Promise<ExploreReport> {
  return explore(make, await recorded(make()), { schedules: 100 });
}

it.each<[string, (answer: string) => unknown]>([
  ['a time as text', (answer) => ({ answer, at: new Date().toISOString() })],
  ['a time in a sentence', (answer) => `${answer}, at ${new Date().toISOString()}`],
  ['a time as a number', (answer) => ({ answer, at: Date.now() })],
  ['the time of the context', (answer) => ({ answer, at: now() })],
  ['an id of the context', (answer) => ({ answer, id: uuid() })],
  ['a number of the context', (answer) => ({ answer, at: random() })],
  ['an id', (answer) => ({ answer, id: randomUUID() })],
  ['a number that is drawn', (answer) => ({ answer, weight: Math.random() })],
  ['a clock that only moves forward', (answer) => ({ answer, at: performance.now() })],
])('finds nothing where only %s differs', async (_name, said) => {
  const report = await explored(branches(said));
  expect(report.finding).toBeUndefined();
  expect(['proved', 'no difference']).toContain(report.verdict);
  expect(report.readings).toMatchObject({ node: 'call', path: expect.stringContaining('output') });
  expect(exploreText(report)).toContain('not compared');
});

it('finds a race beside times, and shows the race', async () => {
  const make = (): AnyGraph => {
    let count = 0;
    return branches((answer) => {
      count += 1;
      return { at: new Date().toISOString(), answer, place: count };
    })();
  };
  const report = await explored(make);
  expect(report.verdict).toBe('found');
  expect(report.finding?.divergences[0]?.path).toMatch(/place$/);
});

it('takes a recording for one that came out first in, first out, where only times differ', async () => {
  const make = branches((answer) => ({ answer, at: new Date().toISOString() }));
  const report = await explain(make, await recorded(make()), { schedules: 20 });
  expect(report).toMatchObject({ verdict: 'no race found', fifo: 'as recorded', recordedOrder: 'as recorded' });
});

it('says which requests are meant', async () => {
  const make = (): AnyGraph => {
    let count = 0;
    return branches((answer) => {
      count += 1;
      return `${answer}, number ${count}`;
    })();
  };
  const said = exploreText(await explored(make)).replaceAll(/\s+/g, ' ');
  expect(said).toMatch(/the answer to GET \/\d+\/text\d+\/200 of "call" \(1\.0#1\) comes only after/);
});

it('names the clock where what was made of its readings differs', async () => {
  const make = (): AnyGraph => {
    let began: number | undefined;
    return branches((answer) => {
      began ??= performance.now();
      return { answer, isLate: performance.now() - began > 3 };
    })();
  };
  const report = await explored(make);
  expect(report).toMatchObject({ verdict: 'found', finding: { by: 'clock' } });
  expect(report.finding?.variables).toBeUndefined();
  expect(exploreText(report)).toContain('by what it read of the clock');
});

it.each<[string, (id: string, seen: Set<string>, took: () => number) => string]>([
  [
    'opens the way to it',
    (id, seen, took) => {
      if (took() > 2 && seen.has('page')) return `${id} found nothing new`;
      seen.add('page');
      return `${id} reports`;
    },
  ],
  [
    'is read beside it',
    (id, seen, took) => {
      if (seen.has('page')) return `${id} found nothing new`;
      seen.add('page');
      return `${id} reports after ${took() > 2 ? 'a while' : 'no time'}`;
    },
  ],
])('names the variable that tasks share where a clock %s', async (_name, dedupe) => {
  const make = (): AnyGraph => {
    const seen = new Set<string>();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id }) {
        const began = Date.now();
        await answerAfter(id === 'a' ? 10 : 25, 'page');
        return dedupe(id, seen, () => Date.now() - began);
      },
    });
  };
  const { finding } = await explored(make);
  expect(finding).toMatchObject({ kind: 'difference', variables: [{ name: 'seen' }] });
  expect(finding?.by).toBeUndefined();
});

it('finds the race over a set beside what code made of a clock', async () => {
  const make = (): AnyGraph => {
    const seen = new Set<string>();
    return oneNode(async () => {
      const asking = [10, 25].map(async (ms) => {
        await answerAfter(ms, 'page');
        if (seen.has('page')) return `${ms} found nothing new`;
        seen.add('page');
        return `${ms} reports in millisecond ${Date.now() % 1_000}`;
      });
      return (await Promise.all(asking)).join();
    });
  };
  const { finding } = await explored(make);
  expect(finding).toMatchObject({ kind: 'difference', variables: [{ name: 'seen' }] });
  expect(finding?.by).toBeUndefined();
});

it('finds nothing where a request says when it was made', async () => {
  const make = (): AnyGraph => {
    let answerCount = 0;
    return graph('stamped', { state: fields({ output: last<readonly string[]>([]) }) })
      .node('call', async () => {
        const output = await Promise.all(
          [60, 5, 30].map(async (ms) => {
            const answer = await answerAfter(ms, `text${ms}`);
            answerCount += 1;
            const body = JSON.stringify({
              answer,
              isAny: answerCount > 0,
              at: new Date().toISOString(),
              id: randomUUID(),
            });
            return answerAfter(1, answer, 200, { method: 'POST', body });
          }),
        );
        return { delta: { output } };
      })
      .start('call')
      .build();
  };
  const report = await explore(make, await recorded(make()), { schedules: 50 });
  expect(report.finding).toBeUndefined();
});
