// Options, checked when they are given: nothing is accepted and ignored.
import { RepriseError } from './error.ts';
import { nearestName } from './nearest-name.ts';

/** @throws RepriseError `option-invalid` for a key that is no option, with the nearest one that is. */
export function checkOptionKeys(options: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    throw new RepriseError('option-invalid', `${where} has no option "${key}"`, {
      nextStep: nearest === undefined ? `It takes ${known.join(', ')}.` : `Did you mean "${nearest}"?`,
      fields: { option: key },
    });
  }
}

/** @throws RepriseError `option-invalid` unless `options` is an object, not a list. */
export function checkOptionObject(options: unknown, where: string): asserts options is object {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  throw optionInvalid(`the options of ${where}`, 'an object', options);
}

export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  readonly isWhole?: true;
}

/** @throws RepriseError `option-invalid` unless `given` is undefined or a number in the range. */
export function checkNumberOption(
  given: unknown,
  name: string,
  { least, most = Number.MAX_VALUE, isWhole }: NumberRange,
): void {
  if (given === undefined) return;
  const fits =
    typeof given === 'number' && given >= least && given <= most && (isWhole === undefined || Number.isInteger(given));
  if (fits) return;
  const kind = isWhole === undefined ? 'a number' : 'a whole number';
  const range = most === Number.MAX_VALUE ? `${least} or more` : `from ${least} to ${most}`;
  throw optionInvalid(name, `${kind}, ${range}`, given);
}

/** @throws RepriseError `option-invalid` unless `given` is undefined or a function. */
export function checkFunctionOption(given: unknown, name: string): void {
  if (given !== undefined && typeof given !== 'function') throw optionInvalid(name, 'a function', given);
}

export function optionInvalid(name: string, wanted: string, given: unknown): RepriseError {
  return new RepriseError('option-invalid', `${name} is ${shownOption(given)}`, {
    nextStep: `Give ${wanted}.`,
    fields: { option: name },
  });
}

function shownOption(given: unknown): string {
  if (Array.isArray(given)) return 'a list';
  if (given === null) return 'null';
  if (typeof given === 'object') return 'an object';
  if (typeof given === 'function') return 'a function';
  return typeof given === 'string' ? JSON.stringify(given) : String(given);
}
