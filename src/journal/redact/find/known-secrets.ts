// Secrets that were found once, looked for everywhere else: as they are, and in the forms that programs write them in.
//   S1. The longest secret that begins at a place is taken.
//   S2. One that a user's rule gave away is found between the ends of words alone: a name is no part of another. So is one
//       that may be a word itself, and one that is a short word only where it is all that stands there.
// What stands encoded or escaped is decoded before it is searched (encoded-run.ts, escaped-text.ts).

import { writtenForms } from './written-forms.ts';

interface Form {
  readonly text: string;
  readonly mark: string;
  readonly reach: Reach;
}

/**
 * Where a secret is looked for: in any text, between the ends of words, or where nothing stands beside it; the latter two
 * however short it is, if that is said.
 */
export type Reach = 'anywhere' | 'words' | 'short words' | 'whole' | 'short whole';

/** Shorter texts are looked for only where somebody has named them: too much else is spelled like them. */
export const knownLengthMin = 4;

export class KnownSecrets {
  readonly #secrets = new Map<string, Reach>();
  readonly #ofAnyCase = new Set<string>();
  readonly #exact = new FormTable(knownLengthMin);
  /** Those of any case, in small letters. */
  readonly #small = new FormTable(knownLengthMin);
  readonly #short = new FormTable(1);
  /** Called with the mark of each that is found. */
  onFound: ((mark: string) => void) | undefined;

  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  get all(): ReadonlyMap<string, Reach> {
    return this.#secrets;
  }

  /** Whether a secret is looked for in capitals, in small letters and in any mixture of them. */
  isOfAnyCase(secret: string): boolean {
    return this.#ofAnyCase.has(secret);
  }

  /** Returns whether it is new. */
  add(secret: string, mark: string, reach: Reach, cased: 'as it is' | 'in any case' = 'as it is'): boolean {
    const isShort = reach === 'short words' || reach === 'short whole';
    if (secret.length < (isShort ? 1 : knownLengthMin) || this.#secrets.has(secret)) return false;
    this.#secrets.set(secret, reach);
    if (cased === 'as it is') {
      const table = isShort ? this.#short : this.#exact;
      for (const text of writtenForms(secret)) table.add({ text, mark, reach });
      return true;
    }
    this.#ofAnyCase.add(secret);
    // What is escaped in capitals is spelled otherwise, and some letters have capitals of two.
    for (const one of new Set([secret, secret.toUpperCase(), secret.toLowerCase()]))
      for (const text of writtenForms(one)) this.#small.add({ text: inSmallLetters(text), mark, reach });
    return true;
  }

  /** Calls back with each that stands in the text, in order. */
  find(text: string, found: (start: number, end: number, mark: string) => void): void {
    if (this.isEmpty) return;
    const small = this.#small.isEmpty ? '' : inSmallLetters(text);
    const last = text.length - (this.#short.isEmpty ? knownLengthMin : 1);
    for (let index = 0; index <= last; index += 1) {
      const exact = this.#exact.at(text, index) ?? this.#short.at(text, index);
      const other = small === '' ? undefined : this.#small.at(small, index);
      const form = (exact?.text.length ?? 0) >= (other?.text.length ?? 0) ? exact : other;
      if (form === undefined) continue;
      this.onFound?.(form.mark);
      found(index, index + form.text.length, form.mark);
      index += form.text.length - 1;
    }
  }

  replaceIn(text: string): string {
    let replaced = '';
    let copied = 0;
    this.find(text, (start, end, mark) => {
      replaced += text.slice(copied, start) + mark;
      copied = end;
    });
    return copied === 0 ? text : replaced + text.slice(copied);
  }
}

const beginningCount = 2 ** 16;

/** Forms by their first characters, the longest first. */
class FormTable {
  /** How long the beginnings are. */
  readonly #length: number;
  readonly #forms = new Map<string, Form[]>();
  /** Made with the first form: most tables stay empty. */
  #beginnings: Uint8Array | undefined;

  constructor(length: number) {
    this.#length = length;
  }

  get isEmpty(): boolean {
    return this.#forms.size === 0;
  }

  add(form: Form): void {
    const start = form.text.slice(0, this.#length);
    const forms = this.#forms.get(start) ?? [];
    if (forms.some(({ text }) => text === form.text)) return;
    forms.push(form);
    forms.sort((left, right) => right.text.length - left.text.length);
    this.#forms.set(start, forms);
    this.#beginnings ??= new Uint8Array(beginningCount);
    this.#beginnings[this.#beginningAt(start, 0)] = 1;
  }

  /** The longest that stands at a place. */
  at(text: string, index: number): Form | undefined {
    if (this.#beginnings === undefined || this.#beginnings[this.#beginningAt(text, index)] === 0) return undefined;
    return this.#forms.get(text.slice(index, index + this.#length))?.find((one) => standsAt(text, index, one));
  }

  #beginningAt(text: string, index: number): number {
    return this.#length < knownLengthMin ? text.charCodeAt(index) & (beginningCount - 1) : beginningAt(text, index);
  }
}

/** A hash of the first three characters: at nearly every place in a text there are others. */
function beginningAt(text: string, index: number): number {
  const hash = text.charCodeAt(index) * 961 + text.charCodeAt(index + 1) * 31 + text.charCodeAt(index + 2);
  return hash & (beginningCount - 1);
}

/** Of the same length, so that places in it are places in the text. */
function inSmallLetters(text: string): string {
  const small = text.toLowerCase();
  const same = small.length === text.length ? small : text.replace(/[\s\S]/g, smallLetter);
  // The same letter at the end of a word.
  return same.replaceAll('\u03c2', '\u03c3');
}

function smallLetter(letter: string): string {
  const small = letter.toLowerCase();
  return small.length === 1 ? small : letter;
}

function standsAt(text: string, index: number, { text: form, reach }: Form): boolean {
  if (!text.startsWith(form, index)) return false;
  if (reach === 'anywhere') return true;
  if (reach === 'whole' || reach === 'short whole') return isWhole(text, index, index + form.length);
  return isWordStart(text, index) && !isWordCharacter(text[index + form.length], form.at(-1));
}

/** In JSON, XML and forms it is all that a field holds. */
function isWhole(text: string, start: number, end: number): boolean {
  return (
    (start === 0 || /["'=>]/.test(text[start - 1] as string)) &&
    (end === text.length || /["'\\<&\n]/.test(text[end] as string))
  );
}

/** After the letter of an escape, as in `\nAnna`, a word begins too. */
function isWordStart(text: string, index: number): boolean {
  return text[index - 2] === '\\' || !isWordCharacter(text[index - 1], text[index]);
}

function isWordCharacter(beside: string | undefined, edge: string | undefined): boolean {
  return beside !== undefined && edge !== undefined && wordCharacter.test(beside) && wordCharacter.test(edge);
}

const wordCharacter = /[\p{L}\p{N}]/u;
