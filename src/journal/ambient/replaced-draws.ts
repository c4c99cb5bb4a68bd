// No value that came from `crypto` stands in a fixture, since it may be a secret. Each is replaced by one of the same
// form that follows from the seed of the run and its place: where it was drawn, and wherever it stands as text. A replay
// draws the replaced value, so its requests match.
//   D1. What has less text than `formLengthMin` stands: the same text elsewhere may be something else, and so short a
//       value is no secret.
//   D2. What code computes from a value, such as a digest of it, is not found.
import type { Value } from '../../base/value.ts';
import type { AmbientEntry, AmbientRead, Entry } from '../entry.ts';
import { mapLeaves } from '../value-leaves.ts';
import type { LeafMap } from '../value-leaves.ts';
import { derivedDraw, isCryptoSource, isOfSource } from './random-source.ts';

const formLengthMin = 6;

/** A form in which a value may stand, and what stands there instead. Both are equally long. */
interface Form {
  readonly drawn: string;
  readonly replaced: string;
  /** Digits: they are the value only where no other digit stands beside them. */
  readonly isNumber: boolean;
}

export class ReplacedDraws implements LeafMap {
  readonly #seed: string;
  /** By their first characters. */
  readonly #forms = new Map<string, Form[]>();
  readonly #numbers = new Map<number, number>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Learns what an attempt drew; the entry with other values. */
  learn(entry: AmbientEntry): AmbientEntry {
    const { reads } = entry.observed;
    if (reads?.some(({ source }) => isCryptoSource(source)) !== true) return entry;
    return { ...entry, observed: { ...entry.observed, reads: reads.map((read) => this.#learn(entry.at, read)) } };
  }

  apply<Given extends Entry>(entry: Given): Given {
    if (this.#forms.size === 0) return entry;
    return mapLeaves(entry as unknown as Value, this) as unknown as Given;
  }

  text(text: string): string {
    let replaced = '';
    let copied = 0;
    for (let index = 0; index + formLengthMin <= text.length; index += 1) {
      const form = this.#forms
        .get(text.slice(index, index + formLengthMin))
        ?.find((each) => standsAt(text, index, each));
      if (form === undefined) continue;
      replaced += text.slice(copied, index) + form.replaced;
      copied = index + form.drawn.length;
      index = copied - 1;
    }
    return copied === 0 ? text : replaced + text.slice(copied);
  }

  number(number: number): number {
    return this.#numbers.get(number) ?? number;
  }

  #learn(at: string, read: AmbientRead): AmbientRead {
    const { segment, source, task, from } = read;
    if (!isCryptoSource(source)) return read;
    const values = read.values.map((value, index) => {
      if (!isOfSource(source, value)) return value;
      const replaced = derivedDraw(this.#seed, { at, segment, task, source, place: from + index }, value);
      return this.#add(value, replaced) ? replaced : value;
    });
    return { ...read, values };
  }

  /** Returns whether it is long enough to be replaced. */
  #add(drawn: Value, replaced: Value): boolean {
    const forms = formsOf(drawn).map((text, index): Form => {
      const isNumber = typeof drawn === 'number';
      return { drawn: text, replaced: formsOf(replaced)[index] as string, isNumber };
    });
    const found = forms.filter(
      (form) => form.drawn.length >= formLengthMin && form.drawn.length === form.replaced.length,
    );
    for (const form of found) {
      const start = form.drawn.slice(0, formLengthMin);
      const known = this.#forms.get(start) ?? [];
      // The longest first: one may be the beginning of another.
      known.push(form);
      known.sort((left, right) => right.drawn.length - left.drawn.length);
      this.#forms.set(start, known);
    }
    if (found.length > 0 && typeof drawn === 'number') this.#numbers.set(drawn, replaced as number);
    return found.length > 0;
  }
}

function standsAt(text: string, index: number, { drawn, isNumber }: Form): boolean {
  if (!text.startsWith(drawn, index)) return false;
  return !isNumber || !(isDigit(text[index - 1]) || isDigit(text[index + drawn.length]));
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** The texts that code makes of a random value, in the same order for every value of the same form. */
function formsOf(value: Value): readonly string[] {
  if (typeof value === 'string') return [value, value.toUpperCase(), value.replaceAll('-', '')];
  if (typeof value === 'number') return [String(value)];
  if (!(value instanceof Uint8Array)) return [];
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const hex = bytes.toString('hex');
  return [
    bytes.toString('latin1'),
    hex,
    hex.toUpperCase(),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    ...uuidsOf(bytes),
  ];
}

const uuidBytes = 16;

/** Libraries make version-4 UUIDs of every 16 bytes that they have drawn. */
function uuidsOf(bytes: Buffer): readonly string[] {
  if (bytes.byteLength % uuidBytes !== 0) return [];
  const uuids: string[] = [];
  for (let start = 0; start < bytes.byteLength; start += uuidBytes) {
    const own = Buffer.from(bytes.subarray(start, start + uuidBytes));
    own[6] = ((own[6] as number) & 0x0f) | 0x40;
    own[8] = ((own[8] as number) & 0x3f) | 0x80;
    const hex = own.toString('hex');
    uuids.push([hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'), hex);
  }
  return uuids;
}

/**
 * The entries of a journal with what came from `crypto` replaced. A step is replaced as a whole: what an attempt drew may
 * be written after what it did with it.
 */
export async function* withReplacedDraws(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  let draws: ReplacedDraws | undefined;
  let step: Entry[] = [];
  const replaced = (): readonly Entry[] => {
    const learned = step.map((entry) => (entry.kind === 'ambient' ? (draws?.learn(entry) ?? entry) : entry));
    step = [];
    return learned.map((entry) => (entry.kind === 'ambient' ? entry : (draws?.apply(entry) ?? entry)));
  };
  for await (const entry of entries) {
    if (entry.kind === 'run') draws ??= new ReplacedDraws(entry.seed);
    step.push(entry);
    if (entry.kind === 'commit' && !entry.at.includes('/')) yield* replaced();
  }
  yield* replaced();
}
