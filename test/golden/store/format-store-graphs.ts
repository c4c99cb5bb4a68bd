// The graphs of the runs in the store files of fixtures/format/. Every later release must resume those runs with these very
// graphs, so this only ever grows: never change a graph that is here, add another one.
import type { AnyGraph } from '../../../src/index.ts';
import { busy } from './graphs/busy.ts';
import { drawing } from './graphs/drawing.ts';
import { failing } from './graphs/failing.ts';
import { fetching } from './graphs/fetching.ts';
import { growingNew, growingOld } from './graphs/growing.ts';
import { archive, ledger } from './graphs/ledger.ts';
import { nested } from './graphs/nested.ts';
import { askOf } from './graphs/outside.ts';
import type { Outside } from './graphs/outside.ts';
import { booking, paying } from './graphs/paying.ts';
import { streaming } from './graphs/streaming.ts';
import { asking, resting } from './graphs/waiting.ts';

const builders = {
  archive,
  asking,
  booking,
  busy,
  drawing,
  failing,
  growingNew,
  growingOld,
  ledger,
  nested,
  paying,
  resting,
  streaming,
} as const;

export type GraphName = keyof typeof builders | 'fetching';

export function formatGraph(name: GraphName, outside: Outside): AnyGraph {
  return name === 'fetching' ? fetching(outside) : builders[name](askOf(outside));
}
