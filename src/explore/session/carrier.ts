// How an order gets into the result: by the clock, or by which variables.
//   K1. What attempts share, and one of them has written, carries an order from one to the other.
//   K2. An order within one attempt may be carried by its local variables alone, and what it writes besides may come to the
//       same under both orders, as a limiter does, or a client that is made when it is first needed. There a variable is
//       named only if it holds something else at the end, or if the order changes nothing once a run has written it, as with
//       a set that keeps out what was seen before.
//   K3. What an attempt reads of a clock follows from what reaches it. So a clock carries an order within an attempt, and one
//       between attempts only where they share nothing that was written: else it opens the way, and the variable carries.
import type { CrashedRun } from '../crash/crashed-run.ts';
import { fifoStrategy } from '../strategy/fifo.ts';
import type { Finding, WrittenVariable } from '../../report/explore/explore-facts.ts';
import { movedIn, sameResult } from '../run/comparison.ts';
import type { Change, Exploration } from '../run/exploration.ts';
import type { Hold } from '../schedule/schedule.ts';
import type { MakeStrategy } from '../strategy/strategy.ts';
import { idOf, valuesOf } from '../watch/values-of.ts';

export type Carrier = Pick<Finding, 'by' | 'variables'>;

/** An order that changes the result. */
export interface CarriedOrder {
  /** How it differs from first in, first out. */
  readonly holds: readonly Hold[];
  readonly makeStrategy: MakeStrategy;
  /** What its attempts have written. */
  readonly written: readonly WrittenVariable[];
}

export async function carrierOf(
  exploration: Exploration,
  { kind }: Pick<Change, 'kind'>,
  order: CarriedOrder,
): Promise<Carrier> {
  const mayBeClock =
    kind === 'difference' && order.holds.length > 0 && (isWithinOne(order) || order.written.length === 0);
  if (mayBeClock && (await isByClock(exploration, order.makeStrategy))) return { by: 'clock' };
  const variables = shownOf(await carrying(exploration, order));
  return variables.length === 0 ? {} : { variables };
}

/** Variables that hold something else in the end, since a process that had written them died. */
export function lostWith(
  whole: Pick<CrashedRun, 'graph'>,
  run: Pick<CrashedRun, 'graph'>,
  written: readonly WrittenVariable[],
): readonly WrittenVariable[] {
  if (written.length === 0) return [];
  const [usual, after] = [valuesOf(whole.graph), valuesOf(run.graph)];
  if (usual === undefined || after === undefined) return [];
  return shownOf(written.filter((variable) => usual.get(idOf(variable)) !== after.get(idOf(variable))));
}

/** Whether the order changes nothing while all clocks stand still. */
async function isByClock(exploration: Exploration, makeStrategy: MakeStrategy): Promise<boolean> {
  const { subject, compare } = exploration;
  const { readings } = subject;
  if (readings?.areAny !== true) return false;
  const [usual, held] = [
    await exploration.runWhole(fifoStrategy, { isStill: true }),
    await exploration.runWhole(makeStrategy(), { isStill: true }),
  ];
  // Code that asks for something else then shows nothing.
  const isShown = usual.run !== undefined && held.run !== undefined && usual.world.missing().size === 0;
  return isShown && sameResult(usual, held, compare, { readings, moved: movedIn(usual.world, held.world) });
}

function isWithinOne({ holds }: CarriedOrder): boolean {
  return new Set(holds.flatMap(({ event, until }) => [attemptOf(event), attemptOf(until)])).size < 2;
}

async function carrying(exploration: Exploration, order: CarriedOrder): Promise<readonly WrittenVariable[]> {
  const { makeStrategy, written } = order;
  if (!isWithinOne(order) || written.length === 0) return written;
  const usual = await valuesAfter(exploration, () => fifoStrategy);
  const held = await valuesAfter(exploration, makeStrategy);
  if (usual === undefined || held === undefined) return written;
  const differing = written.filter((variable) => usual.get(idOf(variable)) !== held.get(idOf(variable)));
  if (differing.length > 0) return differing;
  const settled = written.filter((variable) => variable.class === 'settled');
  return settled.length > 0 && (await isGoneWhenWarm(exploration, order)) ? settled : [];
}

/** Whether the order changes nothing in a graph that has run before. */
async function isGoneWhenWarm(exploration: Exploration, { makeStrategy }: CarriedOrder): Promise<boolean> {
  const { subject, compare } = exploration;
  const graph = await subject.makeGraph();
  await exploration.runWhole(fifoStrategy, { graph });
  const usual = await exploration.runWhole(fifoStrategy, { graph });
  const held = await exploration.runWhole(makeStrategy(), { graph });
  if (usual.run === undefined || held.run === undefined) return false;
  return sameResult(usual, held, compare, { readings: subject.readings, moved: movedIn(usual.world, held.world) });
}

/** What a package keeps says no more where the user's own variables are known. Two of one name are shown as one. */
function shownOf(variables: readonly WrittenVariable[]): readonly WrittenVariable[] {
  const own = variables.filter(({ file }) => !/(?:^|\/)node_modules\/|^node:/.test(file));
  const shown = new Map<string, WrittenVariable>();
  for (const variable of own.length > 0 ? own : variables) {
    const name = `${variable.file}\n${variable.name}`;
    if (!shown.has(name)) shown.set(name, variable);
  }
  return [...shown.values()];
}

async function valuesAfter(exploration: Exploration, makeStrategy: MakeStrategy): Promise<ReturnType<typeof valuesOf>> {
  const graph = await exploration.subject.makeGraph();
  await exploration.runWhole(makeStrategy(), { graph });
  return valuesOf(graph);
}

function attemptOf(event: string): string {
  return /^[^:]*/.exec(event)?.[0] ?? event;
}
