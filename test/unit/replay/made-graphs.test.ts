// Graphs that are made for each replay, as the command line makes them by importing modules: what they read of a clock meanwhile
// comes before the run, as it did when the run was recorded.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { fields, graph, last } from '../../../src/index.ts';
import { recordRun } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { openFixture } from '../../../src/store/fixture/open-fixture.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';

const minMs = 20;

/** Starts a job so often at most, like the limiters that people make at the top of a module. */
class Limiter {
  #next = Date.now();

  async schedule<Result>(job: () => Promise<Result>): Promise<Result> {
    const now = Date.now();
    const at = Math.max(now, this.#next);
    this.#next = at + minMs;
    if (at > now) await pause(at - now);
    return job();
  }
}

/** What was read while a graph was made. */
let made: number[] = [];
/** What it has started reads this, once it is made. */
let later: Promise<number>;

const make = () => {
  const limiter = new Limiter();
  made = [Date.now(), performance.now(), Number(process.hrtime.bigint())];
  later = pause(1).then(() => Date.now());
  return graph('limited', { state: fields({ said: last<unknown>(null) }) })
    .node('ask', async (_state, { effect }) => {
      const asked = ['a', 'b', 'c'].map((name) => limiter.schedule(() => effect(name, {}, () => name)));
      return { delta: { said: await Promise.all(asked) } };
    })
    .start('ask')
    .build();
};

it('begin with the run, and for what they have started time passes from there', async () => {
  const { path } = await recordRun(make(), {}, { out: `${temporaryFolder()}/` });
  await pause(3 * minMs);
  using fixture = await openFixture(path);
  const { time } = fixture.run.observed;
  const { report } = await replay(async () => make(), path);
  expect(report.divergences).toEqual([]);
  expect(report).toMatchObject({ verdict: 'same', unrecordedReads: 0, outOfOrder: 0 });
  expect(made).toEqual([time, 0, 0]);
  // Time passes from there, and not from today.
  const [then, now] = [await later, Date.now()];
  expect(then).toBeGreaterThan(time);
  expect(then).toBeLessThan(now - minMs);
  made = [];
  const { verdict } = await updateFixture(async () => make(), path);
  expect(verdict).toBe('unchanged');
  expect(made).toEqual([time, 0, 0]);
});
