// A fault in the branch that won a race: the others are there for that.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/explore/explore.ts';
import { fields, graph, last } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import { correct as hedge } from '../../finder/correct/hedge-by-context-race.ts';
import { recorded } from '../../finder/recorded.ts';

/** What became of the run under each fault of what won. */
async function became(make: () => AnyGraph, winner: string): Promise<Readonly<Record<string, string>>> {
  const { rungs } = await explore(make, await recorded(make()), { schedules: 10, faults: 'all' });
  const rung = rungs.find(({ name }) => name === 'faults');
  const rows = rung !== undefined && 'rows' in rung ? rung.rows : [];
  const own = rows.filter(({ event }) => event.includes(winner));
  return Object.fromEntries(own.map((row) => [row.kind, row.became]));
}

/** The second has its answer when the first wins, and keeps it to itself for a while. */
const answeredBoth = (): AnyGraph =>
  graph('answered', { state: fields({ answer: last('') }) })
    .node('ask', async (_state, { effect, race, sleep }) => {
      const ask = async (model: string, delayMs: number): Promise<string> =>
        effect('model', model, async () => {
          await new Promise((resolve) => setTimeout(resolve, delayMs));
          return `answer of ${model}`;
        });
      const late = async (): Promise<string> => {
        const answer = await ask('small', 0);
        await sleep(60_000);
        return answer;
      };
      return { delta: { answer: (await race('answer', { large: () => ask('large', 200), late })).value } };
    })
    .start('ask')
    .build();

const answeredOne = (): AnyGraph =>
  graph('answered', { state: fields({ answer: last('') }) })
    .node('ask', async (_state, { effect, race }) => {
      const first = async () => effect('model', 'large', async () => 'answer of large');
      const never = async () => effect('model', 'small', () => new Promise<string>(() => undefined));
      return { delta: { answer: (await race('answer', { first, never })).value } };
    })
    .start('ask')
    .build();

describe('a fault in the branch that won', () => {
  it('is survived by a branch whose answer is known', async () => {
    expect(await became(answeredBoth, '/large#0')).toMatchObject({ error: 'other state', timeout: 'other state' });
  });

  it('asks for an answer that nobody knows, where the others had none yet', async () => {
    expect(await became(answeredOne, '/first#0')).toMatchObject({
      error: 'unrecorded',
      timeout: 'unrecorded',
      slow: 'unrecorded',
      // It still comes first.
      empty: 'other state',
    });
  });

  it('is survived with fakes, which know every answer', async () => {
    const outside = () => ({ effects: { model: (model: unknown) => `answer of ${String(model)}` } });
    const { rungs } = await explore(hedge.make, { input: {}, outside }, { schedules: 10, faults: 'tools' });
    expect(rungs.find(({ name }) => name === 'faults')).toMatchObject({
      rows: [{ became: 'other state' }],
    });
  });
});
