import { RepriseError } from '../../base/error.ts';

/** A journal whose parts do not fit one another: journals come from files, so that is no fault of ours. */
export function damagedState(what: string): RepriseError {
  return new RepriseError('fixture-damaged', `${what}, so the parts of this journal do not fit one another`, {
    nextStep: 'Take the journal again from its source: this copy was changed or cut.',
  });
}
