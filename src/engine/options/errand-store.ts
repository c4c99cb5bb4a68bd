// The store that tasks are handed out in.
import { RepriseError } from '../../base/error.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { RunStore } from '../../port/store.ts';

export type ErrandStore = RunStore & Required<Pick<RunStore, 'errands' | 'claimDue'>>;

export function keepsErrands(store: RunStore): store is ErrandStore {
  return store.errands !== undefined && store.claimDue !== undefined;
}

/** The nodes whose tasks run on workers. */
export function nodesOnWorkers({ nodes }: Pick<GraphSpec, 'nodes'>): readonly string[] {
  return [...nodes.values()].filter(({ policy }) => policy.on === 'workers').map(({ name }) => name);
}

/**
 * Where the tasks of a graph are handed out. Nowhere if none is, or if the store dies with this process, so that nobody else
 * can use it: then they run here.
 *
 * @throws RepriseError `store-without-errands`
 */
export function errandStoreOf(graph: GraphSpec, store: RunStore | undefined): ErrandStore | undefined {
  const [node] = nodesOnWorkers(graph);
  if (store === undefined || !store.isDurable || node === undefined) return undefined;
  if (keepsErrands(store)) return store;
  throw new RepriseError('store-without-errands', `the store cannot hand out the tasks of node "${node}" to workers`, {
    nextStep: "Use another store, or leave out `on: 'workers'`: the tasks run where the run is driven then.",
    fields: { node },
  });
}
