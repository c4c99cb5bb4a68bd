// Reducers with a planted fault: the laws must find it, shrink it and print what finds it again; and must find nothing in
// reducers without one.
import { describe, expect, it } from 'vitest';
import { checkLaw, reducerLaws } from '../../src/explore/index.ts';
import type { LawResult } from '../../src/explore/index.ts';
import { lawsText } from '../../src/report/index.ts';
import { badReducers } from './reducers/bad-reducers.ts';
import { journalOf, plantGraph } from './reducers/plant.ts';
import type { BadPlant, Plant } from './reducers/plant.ts';
import { rightReducers } from './reducers/right-reducers.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seeds = Array.from({ length: isLong ? 20 : 2 }, (_, index) => index + 1);

const faultsIn = (laws: readonly LawResult[]): readonly LawResult[] =>
  laws.filter(({ asked, outcome }) => asked !== 'unpromised' && outcome === 'broken');

describe('a reducer that', () => {
  it.each(Object.keys(badReducers))('%s is found and shrunk with every seed', async (name) => {
    const plant = badReducers[name] as BadPlant;
    const journal = await journalOf(plant, true);
    for (const seed of seeds) {
      const { verdict, fields } = await reducerLaws(plantGraph(plant), { from: [journal], seed });
      const [found] = faultsIn(fields[0]?.laws ?? []);
      expect({ seed, verdict, law: found?.law }).toEqual({ seed, verdict: 'broken', law: plant.breaks });
      const { before = [], deltas = [], state } = found?.counterexample ?? {};
      expect(before.length + deltas.length).toBeLessThanOrEqual(plant.deltasMax);
      expect(state).toEqual(plant.initial);
    }
  });

  it.each(Object.keys(badReducers))('%s is found again by the test that is printed', async (name) => {
    const plant = badReducers[name] as BadPlant;
    const text = lawsText(await reducerLaws(plantGraph(plant), { from: [await journalOf(plant, true)] }));
    const [, call = ''] = /^ +(checkLaw\(.*\);)$/m.exec(text) ?? [];
    expect(call).toContain(`'${plant.breaks}'`);
    const again = new Function('checkLaw', 'plant', call) as (check: typeof checkLaw, graph: object) => void;
    expect(() => again(checkLaw, plantGraph(plant))).toThrow(/^field "value" must /);
  });

  it.each(Object.keys(rightReducers))('%s is found to be right with every seed', async (name) => {
    const plant = rightReducers[name] as Plant;
    const journal = await journalOf(plant, false);
    for (const seed of seeds) {
      const { verdict, fields } = await reducerLaws(plantGraph(plant), { from: [journal], seed, numRuns: 40 });
      const faults = faultsIn(fields[0]?.laws ?? []);
      expect({ seed, verdict, faults }).toEqual({ seed, verdict: 'kept', faults: [] });
      expect(fields[0]?.laws.filter(({ asked }) => asked === 'promised').map(({ law }) => law)).toEqual(
        expect.arrayContaining([...(plant.promises ?? [])]),
      );
    }
  });
});
