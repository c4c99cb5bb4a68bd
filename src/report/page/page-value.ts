import { encodeValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';

const defaultLength = 20_000;
/** What a value takes besides its text: quotes, commas, brackets. */
const frameLength = 4;

/** A value as JSON. Of texts beyond any screen only the beginning is kept, and how much is missing. */
export function pageValue(value: Value, textLengthMax = defaultLength): Json {
  return new PageValues(textLengthMax).of(value);
}

/** The values of one page, and about how many characters they take together. */
export class PageValues {
  readonly #textLengthMax: number;
  length = 0;

  constructor(textLengthMax = defaultLength) {
    this.#textLengthMax = textLengthMax;
  }

  of(value: Value): Json {
    if (value === undefined) return null;
    if (value instanceof Error) return { error: this.#text(value.name), message: this.#text(value.message) };
    return this.#shortened(encodeValue(value));
  }

  #shortened(json: Json): Json {
    this.length += frameLength;
    if (typeof json === 'string') return this.#text(json);
    if (typeof json !== 'object' || json === null) return json;
    if (Array.isArray(json)) return json.map((item) => this.#shortened(item));
    return Object.fromEntries(
      Object.entries(json).map(([key, item]) => [this.#text(key), this.#shortened(item as Json)]),
    );
  }

  #text(text: string): string {
    const max = this.#textLengthMax;
    const kept = text.length <= max ? text : `${text.slice(0, max)}… and ${text.length - max} more characters`;
    this.length += kept.length;
    return kept;
  }
}
