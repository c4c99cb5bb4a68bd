// A reducer in a graph of its own, and a journal in which each of its deltas was written once.
import { createEngine, fields, graph, input, memoryStore, reduce } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { Entry } from '../../../src/explore/index.ts';
import { collected } from '../../../src/explore/store/law-entries.ts';
import type { ReducerPromise } from '../../../src/graph/reducer-promise.ts';

type AnyReducer = (value: never, delta: never) => unknown;

export interface Plant {
  /** Makes it afresh: one that keeps something between calls then starts without it. */
  readonly make: () => AnyReducer;
  readonly initial: unknown;
  readonly promises?: readonly ReducerPromise[];
  /** What nodes are recorded to have written. */
  readonly deltas: readonly unknown[];
}

/** The deltas that a counterexample may have at most, those before its step included. */
export interface BadPlant extends Plant {
  readonly breaks: string;
  readonly deltasMax: number;
}

export function plantGraph({ make, initial, promises, deltas }: Plant, isHarmless = false): AnyGraph {
  const own = make();
  const merge = isHarmless ? (value: unknown) => value : (own as (value: unknown, delta: unknown) => unknown);
  return graph('plant', {
    state: fields({ value: reduce<unknown, unknown>(merge, initial, promises === undefined ? {} : { promises }) }),
    inputs: { write: input<number>() },
  })
    .node('begin', (_, { send }) => ({ route: deltas.map((_delta, index) => send('write', index)) }))
    .node('write', (_, { input: index }) => ({ delta: { value: deltas[index] } }))
    .start('begin')
    .build();
}

/** A reducer that throws ends its run, so the journal of a bad one is made with another in its place. */
export async function journalOf(plant: Plant, isHarmless: boolean): Promise<readonly Entry[]> {
  const store = memoryStore();
  const engine = createEngine(plantGraph(plant, isHarmless), { store });
  const run = await engine.run({}, { runId: 'plant-1' });
  await engine.close();
  if (run.status !== 'done') throw new Error(`the run of a plant is ${run.status}`);
  return collected(store.read('plant-1'));
}
