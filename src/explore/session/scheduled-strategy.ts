import { RepriseError } from '../../base/error.ts';
import { FixtureSubject } from '../subject/fixture-subject.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { heldStrategy } from '../strategy/held.ts';
import { placesOfEvents, recordedStrategy } from '../strategy/recorded.ts';
import type { EventPlaces } from '../strategy/recorded.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { Subject } from '../subject/subject.ts';

/**
 * The order of a schedule.
 *
 * @throws RepriseError `usage` if it is the recorded order, and the subject holds none
 */
export function scheduledStrategy(subject: Subject, { base, holds }: Pick<Schedule, 'base' | 'holds'>): Strategy {
  if (base === 'fifo') return heldStrategy(holds);
  const places = placesIn(subject);
  if (places.size === 0) {
    throw new RepriseError('usage', 'it is not recorded in which order things came', {
      nextStep: 'Record the run again, without --no-observed, or look for the order with `npx reprise explain`.',
    });
  }
  return heldStrategy(holds, recordedStrategy(places));
}

/** Whether the subject says in which order things came. */
export function holdsOrder(subject: Subject): boolean {
  return placesIn(subject).size > 0;
}

function placesIn(subject: Subject): EventPlaces {
  return subject instanceof FixtureSubject ? placesOfEvents(subject.steps) : new Map();
}
