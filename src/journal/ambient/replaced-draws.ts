// No value that came from `crypto` stands in a fixture, since it may be a secret. Each is replaced by one of the same
// form that follows from the seed of the run and its place: where it was drawn, and wherever it stands as text. A replay
// draws the replaced value, so its requests match.
//   D1. What has less text than `formLengthMin` stands: the same text elsewhere may be something else, and so short a
//       value is no secret.
//   D2. What code computes from a value, such as a digest of it, is not found.
import { aPiece, atOnce, mapInPieces } from '../../base/in-pieces.ts';
import type { Worker } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import type { AmbientEntry, AmbientRead, Entry } from '../entry.ts';
import { mapBytesAsText, mapParts } from '../value-map.ts';
import type { ValueMap } from '../value-map.ts';
import { formsOf } from './draw-forms.ts';
import { FormSearch, formLengthMin } from './form-search.ts';
import type { Form } from './form-search.ts';
import { derivedDraw, isCryptoSource, isOfSource } from './random-source.ts';

export class ReplacedDraws implements ValueMap {
  readonly #seed: string;
  readonly #search = new FormSearch();
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
    if (this.#search.isEmpty) return entry;
    return this.value(entry as unknown as Value) as unknown as Given;
  }

  text(text: string): string {
    return this.#search.replaceIn(text);
  }

  value(value: Value): Value {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        return this.#numbers.get(value) ?? value;
      case 'object':
        return value === null ? value : mapParts(value, this);
      default:
        return value;
    }
  }

  field(_name: string, value: Value): Value {
    return this.value(value);
  }

  bytes(bytes: Uint8Array): Value {
    return mapBytesAsText(bytes, (text) => this.text(text));
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
    const others = formsOf(replaced);
    const forms = formsOf(drawn)
      .map(({ text, isCut }, index): Form => {
        return { drawn: text, replaced: others[index]?.text ?? '', isCut, isNumber: typeof drawn === 'number' };
      })
      .filter((form) => form.drawn.length >= formLengthMin && form.drawn.length === form.replaced.length);
    for (const form of forms) this.#search.add(form);
    if (forms.length > 0 && typeof drawn === 'number') this.#numbers.set(drawn, replaced as number);
    return forms.length > 0;
  }
}

/**
 * The entries of a journal with what came from `crypto` replaced. A step is replaced as a whole: what an attempt drew may
 * be written after what it did with it.
 */
export async function* withReplacedDraws(
  entries: AsyncIterable<Entry>,
  worker: Worker = atOnce,
): AsyncGenerator<Entry> {
  let draws: ReplacedDraws | undefined;
  let step: Entry[] = [];
  function* replaced(): Generator<undefined, readonly Entry[]> {
    const learned = yield* mapInPieces(step, (entry) =>
      entry.kind === 'ambient' ? (draws?.learn(entry) ?? entry) : entry,
    );
    step = [];
    return yield* mapInPieces(learned, (entry) => (entry.kind === 'ambient' ? entry : (draws?.apply(entry) ?? entry)));
  }
  for await (const entry of entries) {
    if (entry.kind === 'run') draws ??= new ReplacedDraws(entry.seed);
    step.push(entry);
    if (entry.kind === 'commit' && !entry.at.includes('/')) yield* inTurn(await worker(replaced()), worker);
  }
  yield* inTurn(await worker(replaced()), worker);
}

/** So many are made use of in well under a millisecond. */
const entriesAPiece = 64;

/** One after another, though who takes them may never wait for anything. */
async function* inTurn(entries: readonly Entry[], worker: Worker): AsyncGenerator<Entry> {
  for (const [place, entry] of entries.entries()) {
    if (place % entriesAPiece === entriesAPiece - 1) await worker(aPiece());
    yield entry;
  }
}
