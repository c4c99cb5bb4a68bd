// What the value of an option may be. A kind is data: it says what fits, and completes the sentence "Give …".
import type { OptionFault } from './option-fault.ts';

export interface OptionKind {
  /** What to give, as the end of the sentence "Give …". */
  readonly wanted: string;
  readonly fits: (value: unknown) => boolean;
  /** For values with parts: the first fault inside a value that fits as a whole. */
  readonly faultIn?: (value: unknown) => OptionFault | undefined;
  readonly isRequired?: true;
}

export const anything: OptionKind = { wanted: 'any value', fits: () => true };

export const text: OptionKind = { wanted: 'a string', fits: (value) => typeof value === 'string' };

export const filledText: OptionKind = {
  wanted: 'a string that is not empty',
  fits: (value) => typeof value === 'string' && value !== '',
};

const idLengthMax = 200;

/** Names that end up in keys, logs and terminals. */
export const idText: OptionKind = {
  wanted: `a string of 1 to ${idLengthMax} characters without control characters`,
  fits: (value) =>
    typeof value === 'string' &&
    value !== '' &&
    value.length <= idLengthMax &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
    !/[\u0000-\u001f\u007f]/.test(value),
};

export const trueOrFalse: OptionKind = { wanted: 'true or false', fits: (value) => typeof value === 'boolean' };

export const abortSignal: OptionKind = {
  wanted: 'an AbortSignal',
  fits: (value) => value instanceof AbortSignal,
};

export function functionOf(wanted: string): OptionKind {
  return { wanted, fits: (value) => typeof value === 'function' };
}

export const anyFunction: OptionKind = functionOf('a function');

export function oneOf(...names: readonly string[]): OptionKind {
  return { wanted: eitherText(names.map((name) => `"${name}"`)), fits: (value) => names.includes(value as string) };
}

export interface NumberRange {
  readonly least?: number;
  /** Greater than this, and not equal to it. */
  readonly above?: number;
  readonly most?: number;
  /** `Infinity` fits as well. */
  readonly orInfinity?: true;
}

export function numberIn(range: NumberRange): OptionKind {
  return {
    wanted: `a number${rangeText(range)}`,
    fits: (value) => (Number.isFinite(value) ? isIn(value as number, range) : isUnbounded(value, range)),
  };
}

export function wholeNumber(range: NumberRange): OptionKind {
  return {
    wanted: `a whole number${rangeText(range)}`,
    fits: (value) => (Number.isSafeInteger(value) ? isIn(value as number, range) : isUnbounded(value, range)),
  };
}

/** The longest delay of a platform timer, in milliseconds: a longer one fires at once. */
export const timerMsMax = 2_147_483_647;

function isIn(value: number, { least, above, most }: NumberRange): boolean {
  return (
    value >= (least ?? Number.NEGATIVE_INFINITY) &&
    value > (above ?? Number.NEGATIVE_INFINITY) &&
    value <= (most ?? Number.POSITIVE_INFINITY)
  );
}

function isUnbounded(value: unknown, { orInfinity }: NumberRange): boolean {
  return orInfinity === true && value === Number.POSITIVE_INFINITY;
}

function rangeText({ least, above, most, orInfinity }: NumberRange): string {
  const infinity = orInfinity === true ? ', or Infinity' : '';
  if (above !== undefined) return ` above ${above}${most === undefined ? '' : `, ${most} or less`}${infinity}`;
  if (least === undefined) return infinity;
  return (most === undefined ? `, ${least} or more` : ` from ${least} to ${most}`) + infinity;
}

export function required(kind: OptionKind): OptionKind {
  return { ...kind, isRequired: true };
}

/** `a`, `a or b`, `a, b or c`. */
export function eitherText(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} or ${last}`;
}
