import type { Value } from '../base/value.ts';
import { errorParts } from '../base/value.ts';

/**
 * What of an error is compared: all that the journal holds, but of Reprise's own errors only code and facts, since their
 * texts may get better from release to release.
 */
export function errorIdentity(error: Value): Value {
  if (!(error instanceof Error)) return error;
  const { name, message, fields, cause } = errorParts(error);
  if (name === 'RepriseError') return { name, code: fields.code, fields: fields.fields };
  return {
    name,
    message,
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(cause === undefined ? {} : { cause: errorIdentity(cause) }),
  };
}
