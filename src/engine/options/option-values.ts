import { RepriseError } from '../../base/error.ts';

export function count(given: number | undefined, name: string, standard: number, least: number): number {
  if (given === undefined) return standard;
  if (given === Number.POSITIVE_INFINITY && name !== 'graceMs' && name !== 'timeoutMs') return given;
  if (!Number.isInteger(given) || given < least) throw invalid(name, `a whole number, ${least} or more`, given);
  return given;
}

const idLengthMax = 200;

export function checkLabel(label: unknown): void {
  checkText(label, 'label');
  if (label === undefined) throw invalid('label', 'a text', label);
}

export function checkText(given: unknown, name: string): void {
  if (given === undefined) return;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (typeof given !== 'string' || given === '' || given.length > idLengthMax || /[\u0000-\u001f\u007f]/.test(given)) {
    throw invalid(name, `a text of 1 to ${idLengthMax} characters without control characters`, given);
  }
}

export function checkList(given: unknown, name: string, fits: (item: unknown) => boolean, what: string): void {
  if (given === undefined) return;
  if (!Array.isArray(given) || !given.every((item) => typeof item === 'object' && item !== null && fits(item))) {
    throw invalid(name, `a list of ${what}`, given);
  }
}

export function invalid(name: string, wanted: string, given: unknown): RepriseError {
  const shown =
    typeof given === 'object' || typeof given === 'function' ? typeof given : (JSON.stringify(given) ?? String(given));
  return new RepriseError('option-invalid', `option "${name}" is ${shown}`, {
    nextStep: `Give ${wanted}.`,
    fields: { option: name },
  });
}
