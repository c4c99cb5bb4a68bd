// Each tool call of a run fails once, and what becomes of the run is a line of a table.
import { messageOf } from '../../base/error.ts';
import type { EffectEntry } from '../../journal/entry.ts';
import type { FaultsRung, FaultRow } from '../../report/explore-facts.ts';
import { sameResult } from '../comparison.ts';
import type { Exploration } from '../exploration.ts';
import type { ScheduledRun } from '../run-once.ts';
import { scheduleText } from '../schedule.ts';
import type { Fault, Hold } from '../schedule.ts';
import { heldStrategy } from '../strategy/held.ts';
import { NodesOf } from '../uncontrolled.ts';
import { eventOf } from './faulty-world.ts';

export interface Faulted {
  readonly rung: FaultsRung;
  /** The first that breaks the invariant. */
  readonly found: FaultFound | undefined;
}

export interface FaultFound {
  readonly faults: readonly Fault[];
  readonly run: ScheduledRun;
  readonly message: string;
  readonly after: number;
}

/** Every call that has got an answer. */
export function toolFaults({ first }: Exploration): readonly Fault[] {
  return [...recordedEffects(first)].flatMap(([event, { type, outcome }]) =>
    type === 'call' && outcome.kind === 'value' ? [{ kind: 'error' as const, event }] : [],
  );
}

export async function tryFaults(
  exploration: Exploration,
  all: readonly (readonly Fault[])[],
  holds: readonly Hold[] = [],
): Promise<Faulted> {
  const rows: FaultRow[] = [];
  let found: FaultFound | undefined;
  const recorded = recordedEffects(exploration.first);
  for (const faults of all) {
    if (exploration.isOutOfTime || found !== undefined) break;
    const faulty = { faults: new Set(faults.map(({ event }) => event)), recorded };
    const run = await exploration.runWhole(heldStrategy(holds), { faulty });
    rows.push(rowOf(exploration, run, { holds, faults }));
    const message = run.run === undefined ? undefined : exploration.brokenInvariant(run);
    if (message !== undefined) found = { faults, run, message, after: rows.length };
  }
  return { rung: { name: 'faults', of: all.length, rows }, found };
}

function rowOf(
  exploration: Exploration,
  run: ScheduledRun,
  { holds, faults }: { readonly holds: readonly Hold[]; readonly faults: readonly Fault[] },
): FaultRow {
  const { first } = exploration;
  const [event = ''] = faults.map((fault) => fault.event);
  const schedule = scheduleText({ base: 'fifo', holds, deaths: [], faults });
  const row = { event, node: new NodesOf(first.steps).of(event), schedule };
  const [missing] = [...run.world.missing()].flatMap(([at, effects]) => effects.map((effect) => ({ at, effect })));
  if (missing !== undefined) return { ...row, became: 'unrecorded', detail: eventOf(missing.at, missing.effect) };
  if (run.run === undefined) return { ...row, became: 'stuck' };
  if (run.run.status === 'failed') return { ...row, became: 'failed', detail: messageOf(run.run.error) };
  if (run.run.status !== first.run?.status) return { ...row, became: run.run.status };
  return { ...row, became: sameResult(first, run, 'state') ? 'same state' : 'other state' };
}

function recordedEffects({ steps }: ScheduledRun): ReadonlyMap<string, EffectEntry> {
  const effects = steps.flatMap(({ entries }) => entries.filter((entry) => entry.kind === 'effect'));
  return new Map(effects.map((entry) => [eventOf(entry.at, entry), entry]));
}
