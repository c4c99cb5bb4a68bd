import fc from 'fast-check';
import { expect, it } from 'vitest';
import { explore } from '../../../../src/explore/explore.ts';
import { parseSchedule, scheduleText } from '../../../../src/explore/schedule/schedule.ts';
import { arbitrarySchedule } from '../../../../src/explore/session/arbitrary-schedule.ts';
import { racing } from '../../vitest/matched-graphs.ts';
import { oneNode } from '../../../finder/fan-out.ts';
import { recorded } from '../../../finder/recorded.ts';

it("shrinks a planted race to one hold, by fast-check's own assert", async () => {
  const fixture = await recorded(racing());
  const orders = await arbitrarySchedule(racing, fixture);
  const [fifo] = fc.sample(
    orders.filter(({ schedule }) => schedule === 'fifo'),
    1,
  );
  const first = (await fifo?.run())?.state;
  let last = '';
  const property = fc.asyncProperty(orders, async ({ schedule, run }) => {
    const { state } = await run();
    const isSame = JSON.stringify(state) === JSON.stringify(first);
    if (!isSame) last = schedule;
    return isSame;
  });
  await expect(fc.assert(property, { seed: 7 })).rejects.toThrow(/Property failed/);
  expect(last.match(/hold\(/g)).toHaveLength(1);
  expect(scheduleText(parseSchedule(last))).toBe(last);
  expect((await explore(racing, fixture, { only: last })).verdict).toBe('found');
});

it('has one order where a run has no choice', async () => {
  const alone = () => oneNode(({ ask }) => ask('model'));
  const [only] = fc.sample(await arbitrarySchedule(alone, await recorded(alone())), 1);
  expect(only?.schedule).toBe('fifo');
  expect(await only?.run()).toMatchObject({ status: 'done', state: { found: ['model of only'] } });
});
