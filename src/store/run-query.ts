import { RepriseError } from '../base/error.ts';
import type { RunQuery } from '../port/store.ts';

const limitDefault = 100;

/** How many runs are asked for. @throws RepriseError `option-invalid` */
export function limitOf({ limit = limitDefault }: RunQuery): number {
  if (Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw new RepriseError('option-invalid', `limit is ${String(limit)}, which is no number of runs`, {
    nextStep: 'Give a whole number, 0 or more.',
    fields: { limit },
  });
}
