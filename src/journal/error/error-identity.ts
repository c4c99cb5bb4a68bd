import { impliedClass } from '../../base/error-class.ts';
import type { Value } from '../../base/value.ts';
import { errorParts } from '../../base/value.ts';

/**
 * The part of an error that is compared: everything that the journal holds. For Reprise's own errors only code and
 * fields, since their texts may improve between releases.
 */
export function errorIdentity(error: Value): Value {
  if (!(error instanceof Error)) return error;
  const { name, message, fields, own, cause } = errorParts(error);
  if (name === 'RepriseError') return { name, code: fields.code, fields: fields.fields };
  return {
    name,
    message,
    ...markedClass(error),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...Object.fromEntries(Object.entries(own).map(([part, value]) => [part, identityOf(value)])),
    ...(cause === undefined ? {} : { cause: errorIdentity(cause) }),
  };
}

/** Such a part is one error or a list of them. */
function identityOf(value: Value): Value {
  return Array.isArray(value) ? value.map(errorIdentity) : errorIdentity(value);
}

/** The class of an error, where its name does not say it. */
export function markedClass(error: Error): { readonly class?: string } {
  const { className, name } = errorParts(error);
  return className === impliedClass(name) ? {} : { class: className };
}
