// Effects of a run fail that did not, and what becomes of the run is a line of a table.
import { messageOf } from '../../base/error.ts';
import { factsOf } from '../../journal/entry.ts';
import type { FaultRow, FaultsRung } from '../../report/explore/explore-facts.ts';
import { sameResult } from '../run/comparison.ts';
import type { CrashedRun } from '../crash/crashed-run.ts';
import type { Change, Exploration, Failing } from '../run/exploration.ts';
import { scheduleText } from '../schedule/schedule.ts';
import type { Fault, Schedule } from '../schedule/schedule.ts';
import { NodesOf } from '../run/uncontrolled.ts';
import { askedOf } from './asked-of.ts';
import { changedPlace, faultKinds } from './fault-kinds.ts';
import { eventOf } from './faulty-world.ts';
import { judge } from './judgement.ts';

export interface Faulted {
  readonly rung: FaultsRung;
  /** The first that is no mere row. */
  readonly found: FailingFound | undefined;
}

/** A run in which something goes wrong, and what that shows. */
export interface FailingFound {
  readonly schedule: Schedule;
  readonly run: CrashedRun;
  /** The same with its faults alone. */
  readonly whole: CrashedRun | undefined;
  readonly change: Change;
  readonly after: number;
}

export async function tryFaults(exploration: Exploration, plan: readonly Fault[]): Promise<Faulted> {
  const rows: FaultRow[] = [];
  let found: FailingFound | undefined;
  for (const fault of plan) {
    if (exploration.isStopped || found !== undefined) break;
    const faults = [fault];
    const run = await exploration.runFailing({ faults });
    rows.push(rowOf(exploration, run, { faults }));
    const change = judge(exploration, run, faults);
    if (change !== undefined)
      found = { schedule: wholeSchedule({ faults }), run, whole: undefined, change, after: rows.length };
  }
  return { rung: { name: 'faults', of: plan.length, rows }, found };
}

/** What is wrong with the answer. Of a text that was changed, which one: not every text of an answer is what a model said. */
function saysOf({ recorded }: Exploration, { event, kind, more }: Fault): string {
  const entry = recorded.effects.get(event);
  const place =
    entry === undefined ? '' : changedPlace({ kind, more }, { outcome: entry.outcome, facts: factsOf(entry) });
  return `${faultKinds[kind].says(more)}${place === '' ? '' : ` (${place})`}`;
}

export function wholeSchedule({ holds = [], deaths = [], faults = [] }: Failing): Schedule {
  return { base: 'fifo', holds, deaths, faults };
}

export function rowOf(exploration: Exploration, run: CrashedRun, failing: Failing): FaultRow {
  const { first } = exploration;
  const [fault] = failing.faults ?? [];
  const event = fault?.event ?? '';
  const says = fault === undefined ? '' : saysOf(exploration, fault);
  const row = {
    event,
    node: new NodesOf(first.steps).of(event),
    ...askedOf(exploration.recorded, event),
    kind: fault?.kind ?? '',
    says,
    schedule: scheduleText(wholeSchedule(failing)),
  };
  const [missing] = run.missing;
  if (missing !== undefined) return { ...row, became: 'unrecorded', detail: eventOf(missing.at, missing) };
  if (run.run === undefined) return { ...row, became: 'stuck' };
  if (run.run.status === 'failed') return { ...row, became: 'failed', detail: messageOf(run.run.error) };
  if (run.run.status !== first.run?.status) return { ...row, became: run.run.status };
  return { ...row, became: sameResult(first, run, 'state') ? 'same state' : 'other state' };
}
