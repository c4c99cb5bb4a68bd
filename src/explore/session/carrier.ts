// How an order gets into the result: by the clock, or by which variables.
//   K1. What attempts share, and one of them has written, carries an order from one to the other.
//   K2. An order within one attempt may be carried by its local variables alone, and what it writes besides may come to the
//       same under both orders, as a limiter does, or a client that is made when it is first needed. There a variable is
//       named only if it holds something else at the end.
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
  if (kind === 'difference' && order.holds.length > 0 && (await isByClock(exploration, order.makeStrategy)))
    return { by: 'clock' };
  const variables = shownOf(await carrying(exploration, order));
  return variables.length === 0 ? {} : { variables };
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

async function carrying(
  exploration: Exploration,
  { holds, makeStrategy, written }: CarriedOrder,
): Promise<readonly WrittenVariable[]> {
  const isWithinOne = new Set(holds.flatMap(({ event, until }) => [attemptOf(event), attemptOf(until)])).size < 2;
  if (!isWithinOne || written.length === 0) return written;
  const usual = await valuesAfter(exploration, () => fifoStrategy);
  const held = await valuesAfter(exploration, makeStrategy);
  if (usual === undefined || held === undefined) return written;
  return written.filter((variable) => usual.get(idOf(variable)) !== held.get(idOf(variable)));
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
