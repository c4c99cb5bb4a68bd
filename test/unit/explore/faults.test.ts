import { expect, it } from 'vitest';
import { fields, graph, last } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import { explore } from '../../../src/explore/explore.ts';
import type { ExploreReport } from '../../../src/explore/explore.ts';
import type { FaultRow } from '../../../src/report/explore/explore-facts.ts';
import { exploreText } from '../../../src/report/explore/explore-text.ts';
import { recorded } from '../../finder/recorded.ts';

const desk = (): AnyGraph =>
  graph('desk', { state: fields({ out: last<string>('') }) })
    .node('bare', async (_state, { effect }) => ({ delta: { out: await effect('bare', {}, async () => 'b') } }))
    .node(
      'retried',
      async (state, { effect }) => ({ delta: { out: state.out + (await effect('retried', {}, async () => 'r')) } }),
      { retry: { attempts: 2, delayMs: 5 } },
    )
    .node('handled', async (state, { effect }) => ({
      delta: { out: state.out + (await effect('handled', {}, async () => 'h').catch(() => '-')) },
    }))
    .node('fallback', async (state, { effect }) => ({
      delta: {
        out:
          state.out + (await effect('first', {}, async () => 'f').catch(() => effect('second', {}, async () => 's'))),
      },
    }))
    .edge('bare', 'retried')
    .edge('retried', 'handled')
    .edge('handled', 'fallback')
    .start('bare')
    .build();

function rowsOf({ rungs }: ExploreReport): readonly FaultRow[] {
  const rung = rungs.find(({ name }) => name === 'faults');
  if (rung?.name !== 'faults' || 'skipped' in rung) throw new Error('no fault was tried');
  return rung.rows;
}

it('says what becomes of the run when a call fails', async () => {
  const report = await explore(desk, await recorded(desk()), { faults: 'tools' });
  expect(report.verdict).toBe('nothing to explore');
  expect(rowsOf(report).map(({ node, became }) => [node, became])).toEqual([
    ['bare', 'failed'],
    ['retried', 'same state'],
    ['handled', 'other state'],
    ['fallback', 'unrecorded'],
  ]);
  const shown = exploreText(report).replaceAll(/\s+/g, ' ');
  expect(shown).toContain('when the answer to "bare" of "bare" (1.0#1) is an error: NOT HANDLED, the run fails');
  expect(shown).toContain('is an error: handled, and the run ends with another state');
});

it('holds an invariant against each failure, and reproduces what breaks it', async () => {
  const fixture = await recorded(desk());
  const invariant = ({ state }: { readonly state: unknown }) => !(state as { out: string }).out.includes('-');
  const { verdict, finding } = await explore(desk, fixture, { faults: 'tools', invariant });
  expect(verdict).toBe('found');
  expect(finding).toMatchObject({ kind: 'invariant', rung: 'faults', after: 3 });
  expect(finding?.schedule).toMatch(/^fifo fault\(3\.0#1:call:handled~\w+ error\)$/);
  const again = await explore(desk, fixture, { invariant, only: finding?.schedule ?? '' });
  expect(again.finding).toMatchObject({ kind: 'invariant', rung: 'given', schedule: finding?.schedule });
});

it('refuses a fault of another run', async () => {
  await expect(
    explore(desk, await recorded(desk()), { only: 'fifo fault(9.0#1:call:bare~abc error)' }),
  ).rejects.toMatchObject({ code: 'usage' });
});

it('judges no run that has asked for what is not recorded', async () => {
  const make = (): AnyGraph =>
    graph('second', { state: fields({ out: last<string>('') }) })
      .node('ask', async (_state, { effect }) => {
        const second = (): Promise<string> => effect('second', {}, async () => 's').catch(() => 'neither');
        return { delta: { out: await effect('first', {}, async () => 'f').catch(second) } };
      })
      .start('ask')
      .build();
  const invariant = ({ state }: { readonly state: unknown }) => (state as { out: string }).out !== 'neither';
  const { finding, ...report } = await explore(make, await recorded(make()), { faults: 'tools', invariant });
  expect(finding).toBeUndefined();
  expect(rowsOf({ ...report })).toMatchObject([{ became: 'unrecorded', detail: expect.stringContaining('second') }]);
});

it('lets waits be asked for that are not recorded', async () => {
  const make = (): AnyGraph =>
    graph('waiting', { state: fields({ out: last<string>('') }) })
      .node('ask', async (_state, { effect, sleep, now }) => {
        const retry = { attempts: 3, delayMs: 1_000 };
        const first = await effect('first', {}, async () => 'f', { retry });
        const again = async (): Promise<string> => {
          await sleep(60_000);
          return (await now()) > 0 ? effect('second', {}, async () => 's') : 'never';
        };
        return { delta: { out: first + (await effect('second', {}, async () => 's').catch(again)) } };
      })
      .node('sign', async (_state, { effect, ask }) => {
        const signed = await effect('sign', {}, async () => 'ok').catch(() => '');
        if (signed === '') await ask('Sign it yourself?');
      })
      .edge('ask', 'sign')
      .start('ask')
      .build();
  const report = await explore(make, await recorded(make()), { faults: 'tools' });
  expect(rowsOf(report).map(({ became }) => became)).toEqual(['same state', 'same state', 'paused']);
});

it('refuses a fault that changes nothing', async () => {
  const fixture = await recorded(desk());
  const { rungs } = await explore(desk, fixture, { faults: 'tools' });
  const [row] = rowsOf({ rungs } as ExploreReport);
  const only = row?.schedule.replace('error', 'broken 1') ?? '';
  await expect(explore(desk, fixture, { only })).rejects.toMatchObject({ code: 'usage' });
});
