// The limits of values, and the errors that say why one cannot be kept.
import { RepriseError } from './error.ts';

export const valueDepthMax = 1_000;
/** Parsing a whole number takes time that grows faster than its length. */
export const bigintDigitsMax = 100_000;

export function unstorable(value: unknown, path: string, what = describe(value), cause?: unknown): RepriseError {
  return new RepriseError('unstorable', `${path} is ${what}, which a journal cannot hold`, {
    nextStep:
      'Use plain data: JSON values, Date, Map, Set, bigint, Uint8Array, undefined or an Error. Copy what you need out of the object.',
    ...(cause === undefined ? {} : { cause }),
    fields: { path },
  });
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object with a prototype of its own';
}

const pathLengthMax = 120;

function shortPath(path: string): string {
  return path.length <= pathLengthMax ? path : `${path.slice(0, pathLengthMax)}…`;
}

export function tooDeep(path: string): RepriseError {
  return new RepriseError(
    'value-too-deep',
    `the value at ${shortPath(path)} is nested more than ${valueDepthMax} levels deep`,
    {
      nextStep: 'Flatten the value, or store it as a string.',
    },
  );
}

let longBigint: bigint | undefined;

export function isShort(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

export function isTooLong(value: bigint): boolean {
  if (isShort(value)) return false;
  longBigint ??= 10n ** BigInt(bigintDigitsMax);
  return value >= longBigint || value <= -longBigint;
}

export function tooLong(path: string): RepriseError {
  return new RepriseError('value-too-large', `the bigint at ${path} has more than ${bigintDigitsMax} digits`, {
    nextStep: 'Store a number of that length as bytes or as a string.',
    fields: { path, digitsMax: bigintDigitsMax },
  });
}

export function tooLarge(path: string, bytesMax: number): RepriseError {
  return new RepriseError('value-too-large', `the value at ${path} is larger than ${bytesMax} bytes`, {
    nextStep: 'Keep large data in a store of its own and put its address into the state, or raise maxValueBytes.',
    fields: { path, bytesMax },
  });
}
