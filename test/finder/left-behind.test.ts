// What came after its attempt had ended is not in a recording that did not wait for it. Then nobody knows what an order would
// do in which it comes first, and nothing is proved.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { AnyGraph } from '../../src/index.ts';
import { explore } from '../../src/explore/explore.ts';
import type { ExploreReport } from '../../src/explore/explore.ts';
import { replay } from '../../src/replay/replay.ts';
import { exploreText } from '../../src/report/explore/explore-text.ts';
import { oneNode } from './fan-out.ts';
import { answerAfter, statusAfter } from './paths.ts';
import { recorded } from './recorded.ts';

async function explored(make: () => AnyGraph): Promise<ExploreReport> {
  return explore(make, await recorded(make()), { schedules: 200 });
}

for (const name of [
  '92-race-of-requests',
  '93-any-of-requests',
  '94-first-request-that-fails',
  '95-timer-against-request',
]) {
  it(`proves nothing of ${name} where the answers of the losers were not recorded`, async () => {
    const { plant } = await import(`./plants/${name}.ts`);
    const report = await explored(plant.make);
    expect(['no difference', 'nothing to explore']).toContain(report.verdict);
    expect(report.untried?.map(({ why }) => why)).toContain('not recorded');
    expect(exploreText(report)).toContain('not tried:');
  });
}

it('proves nothing where a request was given up', async () => {
  const make = (): AnyGraph =>
    oneNode(async () => {
      const signal = AbortSignal.timeout(10);
      return answerAfter(500, 'slow', 200, { signal }).catch(() => 'given up');
    });
  const report = await explored(make);
  expect(report.verdict).not.toBe('proved');
  expect(report.untried).toMatchObject([{ why: 'given up' }]);
});

it('does not ask for an answer that the recording waited for, and that its node gave up later', async () => {
  const make = (): AnyGraph =>
    oneNode(() => {
      const over = new AbortController();
      const slow = answerAfter(60_000, 'slow', 200, { signal: over.signal }).catch(() => 'given up');
      const quick = answerAfter(5, 'quick').finally(() => void setTimeout(() => over.abort(), 20));
      return Promise.race([slow, quick]);
    });
  const path = await recorded(make(), { lateAnswersMs: 60_000 });
  const report = await explore(make, path, { schedules: 200 });
  expect(report.verdict).not.toBe('proved');
  expect(report.untried?.map(({ why }) => why)).toContain('given up');
  expect(exploreText(report)).not.toContain('--late-answers');
});

it('proves nothing where the winner of a race gives up the others', async () => {
  const make = (): AnyGraph =>
    oneNode(async () => {
      const over = new AbortController();
      const ask = (ms: number) => answerAfter(ms, `text${ms}`, 200, { signal: over.signal });
      return Promise.race([ask(60), ask(5), ask(40)]).finally(() => over.abort());
    });
  const report = await explored(make);
  expect(report.verdict).not.toBe('proved');
  expect(report.untried?.map(({ why }) => why)).toEqual(['given up', 'given up']);
});

it('proves nothing where a timer was left behind that an answer had overtaken', async () => {
  const make = (): AnyGraph => oneNode(() => Promise.race([answerAfter(5, 'a'), wait(500, 'late')]));
  const report = await explored(make);
  expect(report.verdict).not.toBe('proved');
  expect(report.untried).toMatchObject([{ why: 'timer' }]);
});

it('proves it where the node looks at the status alone', async () => {
  const make = (): AnyGraph =>
    oneNode(async () => {
      const statuses = await Promise.all([statusAfter(5), statusAfter(10)]);
      return statuses.join(' ');
    });
  const report = await explored(make);
  expect(report.verdict).toBe('proved');
  expect(report.untried).toBeUndefined();
});

it('takes an answer that came late for one that could have come first', async () => {
  const make = (): AnyGraph => oneNode(() => Promise.race([answerAfter(40, 'a'), answerAfter(5, 'b')]));
  const path = await recorded(make(), { lateAnswersMs: 2_000 });
  expect((await replay(make(), path)).report.verdict).toBe('same');
  const report = await explore(make, path);
  expect(report.verdict).toBe('found');
  expect(report.untried).toBeUndefined();
});

it('gives a late answer in the recorded order only after its attempt', async () => {
  const make = (): AnyGraph =>
    oneNode(() => Promise.race([answerAfter(80, 'first'), wait(15).then(() => answerAfter(300, 'second'))]));
  const path = await recorded(make(), { lateAnswersMs: 2_000 });
  expect((await replay(make(), path)).report.verdict).toBe('same');
  const report = await explore(make, path, { only: 'recorded' });
  expect(report.finding?.divergences.filter(({ kind }) => kind === 'output' || kind === 'state')).toEqual([]);
});
