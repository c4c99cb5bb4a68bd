import type { Value } from '../base/value.ts';
import { errorParts } from '../base/value.ts';

/**
 * The part of an error that is compared: everything that the journal holds. For Reprise's own errors only code and
 * fields, since their texts may improve between releases.
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
