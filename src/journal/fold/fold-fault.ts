import { RepriseError } from '../../base/error.ts';

/** The error for a journal that contradicts itself. Journals come from files, so this is not a bug in Reprise. */
export function damagedState(what: string): RepriseError {
  return new RepriseError('fixture-damaged', `${what}, so this journal contradicts itself`, {
    nextStep: 'Copy the journal from its source again: this copy was changed or truncated.',
  });
}
