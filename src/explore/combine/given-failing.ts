// One schedule in which something fails, as it was printed.
import { RepriseError } from '../../base/error.ts';
import { factsOf } from '../../journal/entry.ts';
import type { FaultsRung } from '../../report/explore/explore-facts.ts';
import type { Exploration } from '../run/exploration.ts';
import { canHappen } from '../fault/fault-plan.ts';
import { rowOf } from '../fault/faults.ts';
import type { FailingFound } from '../fault/faults.ts';
import { judge } from '../fault/judgement.ts';
import { deathText, faultText } from '../schedule/schedule.ts';
import type { Fault, Schedule } from '../schedule/schedule.ts';

export interface GivenTried {
  readonly rung: FaultsRung;
  readonly found: FailingFound | undefined;
}

/** @throws RepriseError `usage` */
export async function tryGiven(exploration: Exploration, schedule: Schedule): Promise<GivenTried> {
  const { holds, deaths, faults } = schedule;
  const isAlone = holds.length + deaths.length === 0;
  const whole = isAlone ? undefined : await exploration.runFailing({ faults });
  const run = await exploration.runFailing(schedule);
  const events = [...holds.flatMap(({ event, until }) => [event, until]), ...faults.map(({ event }) => event)];
  const unknown = events.filter((event) => exploration.names.byKey(event) === undefined);
  if (unknown.length > 0) throw unlike(`the run has no event ${unknown.join(', ')}`);
  const impossible = faults.filter((fault) => !mayHappen(exploration, fault));
  if (impossible.length > 0) throw unlike(`${impossible.map(faultText).join(' ')} changes nothing of its answer`);
  if (run.died < deaths.length) throw unlike(`the run does not come to ${deaths.map(deathText).join(' ')}`);
  const change = judge(exploration, run, faults, whole);
  const rung: FaultsRung = { name: 'faults', of: 1, rows: [rowOf(exploration, run, schedule)] };
  return { rung, found: change === undefined ? undefined : { schedule, run, whole, change, after: 1 } };
}

/** An answer that the first run did not get may be anything. */
function mayHappen({ recorded }: Exploration, fault: Fault): boolean {
  const entry = recorded.effects.get(fault.event);
  return entry === undefined || canHappen(fault, entry, { outcome: entry.outcome, facts: factsOf(entry) });
}

function unlike(message: string): RepriseError {
  return new RepriseError('usage', message, {
    nextStep: 'Take the schedule from a report about this fixture and this code.',
  });
}
