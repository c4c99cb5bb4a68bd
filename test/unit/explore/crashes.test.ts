import { expect, it } from 'vitest';
import { fields, graph, last } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import { explore } from '../../../src/explore/explore.ts';
import type { ExploreOptions } from '../../../src/explore/explore-options.ts';
import type { Invariant } from '../../../src/explore/run/exploration.ts';
import type { ExploreReport } from '../../../src/explore/explore.ts';
import type { DeathsRung } from '../../../src/report/explore/explore-facts.ts';
import { exploreText } from '../../../src/report/explore/explore-text.ts';
import { oneNode } from '../../finder/fan-out.ts';
import { plant as ignoredKey } from '../../finder/plants/39-ignored-key.ts';
import { plant } from '../../finder/plants/41-progress-in-the-module.ts';
import { recorded } from '../../finder/recorded.ts';

async function crashed(make: () => AnyGraph, options: ExploreOptions): Promise<ExploreReport> {
  return explore(make, await recorded(make()), options);
}

function deathsOf({ rungs }: ExploreReport): DeathsRung {
  const rung = rungs.find(({ name }) => name === 'crashes');
  if (rung?.name !== 'crashes' || 'skipped' in rung) throw new Error('no crash was tried');
  return rung;
}

const inModule = plant.make;

const charge = () =>
  oneNode(async ({ ask, effect }) => {
    await ask('price');
    return effect('charge', {}, async () => 'charged');
  });

const chargeOnce = () =>
  oneNode(({ effect }) => effect('charge', {}, async () => 'charged', { once: true, onDoubt: 'fail' }));

it('names what can be sent twice, with its keys and where', async () => {
  const report = await crashed(charge, { crashes: true });
  expect(report.verdict).toBe('nothing to explore');
  const { writes, requests, tried, sentTwice } = deathsOf(report);
  expect({ requests, tried }).toEqual({
    requests: 2,
    tried: { beforeWrites: writes, afterWrites: writes, requests: 2, twice: 0 },
  });
  const [price, charged] = sentTwice;
  expect(sentTwice).toHaveLength(2);
  expect(price).toMatchObject({ node: 'only', keys: 'same', event: expect.stringMatching(/^1\.0#1:call:price~/) });
  expect(charged?.idempotencyKeys).toHaveLength(1);
  expect(charged?.schedule).toMatch(/^fifo die\((before write \d+|request 1\.0#1:call:charge~\w+)\)$/);
  expect(exploreText(report)).toMatch(/"charge" .* can be sent twice, with one idempotency key/);
});

it('takes a run for sound that ends in doubt about what nobody may repeat, and says so', async () => {
  const report = await crashed(chargeOnce, { crashes: true });
  expect(report.finding).toBeUndefined();
  const { inDoubt, sentTwice } = deathsOf(report);
  expect(sentTwice).toEqual([]);
  expect(inDoubt).toEqual([
    { effect: expect.stringContaining('charge'), schedule: expect.stringMatching(/^fifo die\(/) },
  ]);
  expect(exploreText(report)).toContain('is left in doubt');
});

it('dies twice in a run with what is left of a number', async () => {
  const { writes, requests } = deathsOf(await crashed(charge, { crashes: true }));
  const single = 2 * writes + requests;
  const { tried } = deathsOf(await crashed(charge, { crashes: single + 5 }));
  expect(tried.twice).toBeGreaterThan(0);
  expect(tried.twice).toBeLessThanOrEqual(5);
  const few = deathsOf(await crashed(charge, { crashes: 3 })).tried;
  expect(few.beforeWrites + few.afterWrites + few.requests).toBe(3);
});

it('reproduces a finding from its schedule', async () => {
  const { verdict, finding } = await crashed(inModule, { crashes: true });
  expect({ verdict, rung: finding?.rung }).toEqual({ verdict: 'found', rung: 'crashes' });
  expect(finding?.deaths).toHaveLength(1);
  expect(finding?.schedule).toBe(`fifo ${finding?.deaths?.[0]}`);
  const again = await crashed(inModule, { only: finding?.schedule ?? '' });
  expect(again.finding).toMatchObject({ kind: finding?.kind, rung: 'given', divergences: finding?.divergences });
  expect(finding?.deathWrites).toEqual([
    expect.stringMatching(/^the (?:beginning of the run|commit of step \d|answer to "\w+" of 1\.0#1|end of 1\.0#1)$/),
  ]);
  const where = `when the process dies: ${finding?.deaths?.[0]}, ${finding?.deathWrites?.[0]}`;
  expect(exploreText(again).replaceAll(/\s+/g, ' ')).toContain(where);
  const elsewhere = await crashed(inModule, { only: 'fifo die(after write 1)' });
  expect(elsewhere.verdict).toBe('no difference');
});

it('names the variable that held what a death loses', async () => {
  const { finding } = await crashed(inModule, { crashes: true });
  expect(finding?.variables).toMatchObject([{ name: 'done', writers: [{ node: 'first' }] }]);
});

it('says which effect is lost with a variable', async () => {
  const make = (): AnyGraph => {
    let outbox: string[] = [];
    return graph('outbox', { state: fields({ sent: last<number>(0) }) })
      .node('decide', async (_state, { effect }) => {
        outbox = [await effect('decide', {}, async () => 'letter')];
      })
      .node('send', async (_state, { effect }) => {
        for (const letter of outbox) await effect('send', { letter }, async () => 'sent');
        return { delta: { sent: outbox.length } };
      })
      .edge('decide', 'send')
      .start('decide')
      .build();
  };
  const report = await crashed(make, { crashes: true });
  expect(report.finding).toMatchObject({
    sent: [{ node: 'send', event: expect.stringMatching(/^2\.0#1:call:send~/), times: 0, usual: 1 }],
    variables: [{ name: 'outbox', line: expect.any(Number) }],
  });
  const text = exploreText(report).replaceAll(/\s+/g, ' ');
  expect(text).toContain('the request "send" of "send" (2.0#1) is not sent');
  expect(text).toMatch(/by way of `outbox` in /);
});

it('says which effect happens twice', async () => {
  const { outside, invariant, make } = ignoredKey;
  const report = await explore(
    make,
    { input: {}, outside: outside as never },
    { crashes: true, invariant: invariant as Invariant },
  );
  expect(report.finding).toMatchObject({
    kind: 'invariant',
    sent: [{ node: 'only', times: 2, usual: 1, keys: 'same' }],
  });
  expect(exploreText(report).replaceAll(/\s+/g, ' ')).toContain(
    'the request "charge" of "only" (1.0#1) is sent twice, with one idempotency key',
  );
});

it('refuses a death that never comes', async () => {
  await expect(crashed(charge, { only: 'fifo die(after write 999)' })).rejects.toMatchObject({
    code: 'usage',
    message: 'the run does not come to die(after write 999)',
  });
});

it('answers a process that resumes the run from the recording, and performs nothing', async () => {
  let performed = 0;
  const make = (): AnyGraph =>
    oneNode(async ({ ask, effect }) => {
      await ask('price');
      return effect('charge', {}, async () => {
        performed += 1;
        return 'charged';
      });
    });
  const fixture = await recorded(make());
  const before = performed;
  const report = await explore(make, fixture, { crashes: true });
  expect(deathsOf(report).tried.requests).toBe(2);
  expect({ before, performed }).toEqual({ before: 1, performed: 1 });
});
