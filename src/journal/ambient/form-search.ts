// Finds texts, and pieces that were cut out of them, in other texts, and replaces them.
//   T1. A text as short as `formLengthMin` is found as a whole alone.
//   T2. Of a longer one, a beginning of `beginningMin` characters is found, and elsewhere a piece of `pieceMin`.

/** Shorter texts are not looked for. */
export const formLengthMin = 6;
/** The shortest beginning of a form, and the shortest piece from anywhere in it, that are looked for. */
const beginningMin = 8;
const pieceMin = 10;

/** A text that code makes of a value, and what stands there instead. Both are equally long. */
export interface Form {
  readonly drawn: string;
  readonly replaced: string;
  /** Whether pieces of it are looked for as well, since code cuts ids out of it. */
  readonly isCut: boolean;
  /** Digits: they are the value only where no other digit stands beside them. */
  readonly isNumber: boolean;
}

interface Place {
  readonly form: Form;
  readonly offset: number;
}

export class FormSearch {
  /** Where forms begin, by their first characters. */
  readonly #beginnings = new Map<string, Form[]>();
  /** Every place in a form that pieces are cut out of, by the characters there. */
  readonly #pieces = new Map<string, Place[]>();
  /** Which hashes there are of the first characters at those places: at nearly every place in a text there is another. */
  #hashes = noHashes;

  get isEmpty(): boolean {
    return this.#beginnings.size === 0;
  }

  add(form: Form): void {
    this.#addBeginning(form);
    if (form.isCut) this.#addPieces(form);
  }

  replaceIn(text: string): string {
    let replaced = '';
    let copied = 0;
    let hash = hashOf(text, -1);
    for (let index = 0; index + formLengthMin <= text.length; index += 1) {
      hash = nextHash(hash, text, index);
      if (this.#hashes[hash] === 0) continue;
      const found = this.#wholeAt(text, index) ?? this.#pieceAt(text, index);
      if (found === undefined) continue;
      replaced += text.slice(copied, index) + found;
      copied = index + found.length;
      index = copied - 1;
      hash = hashOf(text, index);
    }
    return copied === 0 ? text : replaced + text.slice(copied);
  }

  #wholeAt(text: string, index: number): string | undefined {
    const forms = this.#beginnings.get(text.slice(index, index + formLengthMin));
    return forms?.find((form) => standsAt(text, index, form))?.replaced;
  }

  /** As much of a form as stands there: of the one of which most does. */
  #pieceAt(text: string, index: number): string | undefined {
    let longest = '';
    for (const { form, offset } of this.#pieces.get(text.slice(index, index + beginningMin)) ?? []) {
      const length = sharedLength(text, index, form.drawn, offset);
      const isFound = length >= (offset === 0 ? beginningMin : pieceMin);
      if (isFound && length > longest.length) longest = form.replaced.slice(offset, offset + length);
    }
    return longest === '' ? undefined : longest;
  }

  #addBeginning(form: Form): void {
    if (this.#hashes === noHashes) this.#hashes = new Uint8Array(hashCount);
    const start = form.drawn.slice(0, formLengthMin);
    const known = this.#beginnings.get(start) ?? [];
    known.push(form);
    // The longest first: one may be the beginning of another.
    known.sort((left, right) => right.drawn.length - left.drawn.length);
    this.#beginnings.set(start, known);
    this.#hashes[hashOf(start, 0)] = 1;
  }

  #addPieces(form: Form): void {
    for (let offset = 0; offset + beginningMin <= form.drawn.length; offset += 1) {
      const start = form.drawn.slice(offset, offset + beginningMin);
      const known = this.#pieces.get(start);
      if (known === undefined) this.#pieces.set(start, [{ form, offset }]);
      else known.push({ form, offset });
      this.#hashes[hashOf(form.drawn, offset)] = 1;
    }
  }
}

/** A hash of 6 characters, 3 bits each: one more character pushes the first one out. */
const hashedLength = 6;
const hashCount = 2 ** 18;
const noHashes = new Uint8Array();

function hashOf(text: string, index: number): number {
  let hash = 0;
  for (let end = index - hashedLength; end < index; end += 1) hash = nextHash(hash, text, end + 1);
  return hash;
}

/** The hash at this index, from the one at the index before. */
function nextHash(hash: number, text: string, index: number): number {
  return ((hash << 3) ^ text.charCodeAt(index + hashedLength - 1)) & (hashCount - 1);
}

/** How far two texts are the same from these places on. */
function sharedLength(text: string, index: number, other: string, offset: number): number {
  let length = 0;
  while (offset + length < other.length && text[index + length] === other[offset + length]) length += 1;
  return length;
}

function standsAt(text: string, index: number, { drawn, isNumber }: Form): boolean {
  if (!text.startsWith(drawn, index)) return false;
  return !isNumber || !(isDigit(text[index - 1]) || isDigit(text[index + drawn.length]));
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
