// The sources of randomness that unchanged code draws from, by the name under which its values are kept. The name holds
// what was asked for, such as `crypto.randomBytes(16)`, so that a value of the same form can be made from it alone.
import { drawStream } from '../../base/draw.ts';
import type { DrawStream } from '../../base/draw.ts';
import type { Value } from '../../base/value.ts';

export const mathRandom = 'Math.random';
export const randomUuid = 'crypto.randomUUID';
/** Ids that begin with the time, so that they sort by it. */
export const randomUuidV7 = 'crypto.randomUUIDv7';
export const randomBytes = (length: number): string => `crypto.randomBytes(${length})`;
export const randomInt = (min: number, max: number): string => `crypto.randomInt(${min},${max})`;

/** Where a value was drawn. `at` is the key of its attempt, in a replay of the recorded one. */
export interface DrawPlace {
  readonly at: string;
  readonly segment: number;
  readonly task?: string | undefined;
  readonly source: string;
  readonly place: number;
}

type Form =
  | { readonly kind: 'fraction' }
  | { readonly kind: 'uuid'; readonly version: 4 | 7 }
  | { readonly kind: 'bytes'; readonly length: number }
  | { readonly kind: 'int'; readonly min: number; readonly max: number };

/** Undefined for what is no source of randomness: a clock. */
export function formOf(source: string): Form | undefined {
  if (source === mathRandom) return { kind: 'fraction' };
  if (source === randomUuid) return { kind: 'uuid', version: 4 };
  if (source === randomUuidV7) return { kind: 'uuid', version: 7 };
  const [, length] = /^crypto\.randomBytes\((\d{1,10})\)$/.exec(source) ?? [];
  if (length !== undefined) return { kind: 'bytes', length: Number(length) };
  const [, min, max] = /^crypto\.randomInt\((-?\d{1,16}),(-?\d{1,16})\)$/.exec(source) ?? [];
  return min === undefined || max === undefined ? undefined : { kind: 'int', min: Number(min), max: Number(max) };
}

/** Whether a value is one that the source could have given. */
export function isOfSource(source: string, value: Value): boolean {
  const form = formOf(source);
  switch (form?.kind) {
    case 'fraction':
      return typeof value === 'number' && value >= 0 && value < 1;
    case 'uuid':
      return typeof value === 'string' && uuidShape.test(value);
    case 'bytes':
      return value instanceof Uint8Array && value.byteLength === form.length;
    case 'int':
      return Number.isSafeInteger(value) && (value as number) >= form.min && (value as number) < form.max;
    case undefined:
      return false;
  }
}

const uuidShape = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** The part of a version-7 UUID that is its time. */
const uuidTimeLength = '00000000-0000-'.length;

/** How many bytes a value holds, for the limit of an attempt. */
export function drawnBytes(value: Value): number {
  return value instanceof Uint8Array ? value.byteLength : typeof value === 'string' ? 16 : 8;
}

/**
 * A value of the same form that follows from the seed of the run and the place alone. It stands for one that was not
 * recorded, and in a fixture for one that came from `crypto`: `like`, whose length and
 * time it keeps.
 */
export function derivedDraw(seed: string, { at, segment, task, source, place }: DrawPlace, like?: Value): Value {
  const form = formOf(source);
  const draws = drawStream(seed, JSON.stringify(['read', at, segment, task ?? '', source, place]));
  switch (form?.kind) {
    case 'uuid': {
      const digits = hexOf(decimalBytes(draws, 16));
      const time = form.version === 7 && typeof like === 'string' ? like.slice(0, uuidTimeLength) : undefined;
      const rest = `${form.version}${digits.slice(0, 3)}-8${digits.slice(3, 6)}-${digits.slice(6, 18)}`;
      return `${time ?? `${digits.slice(18, 26)}-${digits.slice(26, 30)}-`}${rest}`;
    }
    case 'bytes':
      return form.length < decimalLengthMin ? draws.bytes(form.length) : decimalBytes(draws, form.length);
    case 'int': {
      const [min, max] = typeof like === 'number' ? rangeOfLength(form, like) : [form.min, form.max];
      return min + Math.floor(draws.next() * (max - min));
    }
    default:
      return draws.next();
  }
}

/** Shorter values have every byte: code may draw single bytes until it likes one. */
const decimalLengthMin = 3;

/**
 * Bytes whose hexadecimal digits are decimal. In a text that stands for them, upper and lower case are the same, and so
 * are the two alphabets of base64: where the text of the drawn value does not say which form it is, either is right.
 */
function decimalBytes(draws: DrawStream, length: number): Uint8Array {
  return draws.bytes(length).map((byte) => ((byte >> 4) % 10) * 16 + ((byte & 15) % 10));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The part of a range whose numbers have as many digits as this one of it. */
function rangeOfLength(
  { min, max }: { readonly min: number; readonly max: number },
  like: number,
): readonly [number, number] {
  const digits = String(Math.abs(like)).length;
  const least = digits === 1 ? 0 : 10 ** (digits - 1);
  const end = 10 ** digits;
  return like < 0 ? [Math.max(min, 1 - end), Math.min(max, 1 - least)] : [Math.max(min, least), Math.min(max, end)];
}

/** Whether its values must not stand in a fixture: they may be secrets. */
export function isCryptoSource(source: string): boolean {
  return source.startsWith('crypto.');
}
