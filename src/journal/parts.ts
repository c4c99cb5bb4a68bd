// Large JSON in parts: what is too long for a line is cut by value into parts that are named by their digest, so equal
// parts stand in a file once and a growing list costs what it grew by.
//   An object stands for what its parts hold:
//   {"$part":d}      the JSON of part d
//   {"$list":[d…]}   the lists of these parts, one after another
//   {"$text":[d…]}   the texts of these parts, one after another
//   {"$record":[d…]} the objects of these parts, taken together
// Keys of users that begin with "$" are escaped by the encoding of values, so none is taken for one of these.
import { digestOf } from '../base/digest.ts';
import { MalformedValue } from '../base/encode.ts';
import type { Json } from '../base/encode.ts';
import { setOwn } from '../base/value.ts';

/** JSON texts up to this length stay whole. */
const wholeLengthMax = 4_000;
const pieceLengthMax = 3_000;
const digestLength = 32;

/** JSON as it was sent: its keys have an order that counts, so it is never cut nor sorted. */
export function isAsSent(json: Json): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && Object.hasOwn(json, '$json');
}

/** The text of a line: canonical, but for JSON that stands as it was sent. */
export function lineText(json: Json): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(lineText).join(',')}]`;
  if (isAsSent(json)) return JSON.stringify(json);
  const record = json as { readonly [key: string]: Json };
  const keys = Object.keys(record).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${lineText(record[key] as Json)}`).join(',')}}`;
}

/** Called once for each part, before anything that names it; the caller leaves out those that it has already. */
export type EmitPart = (digest: string, text: string) => void;

/** The JSON with its large parts taken out. What fits in a line is given back as it is. */
export function splitParts(json: Json, emit: EmitPart): Json {
  return lineText(json).length <= wholeLengthMax ? json : new Splitter(emit).split(json);
}

class Splitter {
  readonly #emit: EmitPart;
  constructor(emit: EmitPart) {
    this.#emit = emit;
  }

  split(json: Json): Json {
    if (typeof json === 'string') return json.length <= pieceLengthMax ? json : this.#splitText(json);
    if (typeof json !== 'object' || json === null || isAsSent(json)) return json;
    if (Array.isArray(json)) return this.#splitList(json.map((item) => this.#shrink(item as Json)));
    return this.#splitRecord(json as { readonly [key: string]: Json });
  }

  /** A child, split, and taken out whole if it is still a large part of a line. */
  #shrink(json: Json): Json {
    const split = this.split(json);
    return lineText(split).length <= pieceLengthMax ? split : { $part: this.#part(split) };
  }

  #splitText(text: string): Json {
    const digests: string[] = [];
    for (let start = 0; start < text.length; start += pieceLengthMax)
      digests.push(this.#part(text.slice(start, start + pieceLengthMax)));
    return { $text: this.#names(digests) };
  }

  #splitList(items: readonly Json[]): Json {
    const groups = grouped(items, (item) => lineText(item).length + 1);
    if (groups.length <= 1) return items;
    return { $list: this.#names(groups.map((group) => this.#part(group))) };
  }

  #splitRecord(record: { readonly [key: string]: Json }): Json {
    const entries = Object.keys(record)
      .sort()
      .map((key) => [key, this.#shrink(record[key] as Json)] as const);
    const groups = grouped(entries, ([key, item]) => key.length + lineText(item).length + 4);
    if (groups.length <= 1) return recordOf(entries);
    return { $record: this.#names(groups.map((group) => this.#part(recordOf(group)))) };
  }

  /** Many names are a list like any other, and so are taken apart too. */
  #names(digests: readonly string[]): Json {
    return this.#splitList(digests);
  }

  #part(json: Json): string {
    const text = lineText(json);
    const digest = digestOf(text).slice(0, digestLength);
    this.#emit(digest, text);
    return digest;
  }
}

function recordOf(entries: Iterable<readonly [string, Json]>): Json {
  const record: Record<string, Json> = {};
  for (const [key, item] of entries) setOwn(record, key, item);
  return record;
}

/** Neighbours in groups of at most a piece's length, from the first on: a list that only grows keeps its first groups. */
function grouped<Item>(items: readonly Item[], lengthOf: (item: Item) => number): readonly (readonly Item[])[] {
  const groups: Item[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const added = lengthOf(item);
    if (length + added > pieceLengthMax) {
      groups.push([]);
      length = 0;
    }
    (groups.at(-1) as Item[]).push(item);
    length += added;
  }
  return groups;
}

/** How much one entry may grow to when its parts are put back: parts of untrusted files may name each other many times. */
const joinedLengthMax = 256 * 1024 * 1024;
const joinDepthMax = 2_000;

/**
 * The JSON with its parts put back. `lookUp` gives a part's text.
 *
 * @throws MalformedValue for parts that are missing, name each other in a circle, or grow beyond a limit
 */
export function joinParts(json: Json, lookUp: (digest: string) => string | undefined): Json {
  return new Joiner(lookUp).join(json, 0);
}

class Joiner {
  readonly #lookUp: (digest: string) => string | undefined;
  #length = 0;
  constructor(lookUp: (digest: string) => string | undefined) {
    this.#lookUp = lookUp;
  }

  join(json: Json, depth: number): Json {
    if (depth > joinDepthMax) throw new MalformedValue('the value is nested too deep');
    if (typeof json !== 'object' || json === null || isAsSent(json)) return json;
    if (Array.isArray(json)) return json.map((item) => this.join(item as Json, depth + 1));
    const record = json as { readonly [key: string]: Json };
    const keys = Object.keys(record);
    const only = keys.length === 1 ? keys[0] : undefined;
    switch (only) {
      case '$part':
        return this.#part(record.$part as Json, depth);
      case '$list':
        return this.#parts(record.$list as Json, depth).flatMap((part) => expectList(part));
      case '$text':
        return this.#parts(record.$text as Json, depth)
          .map(expectText)
          .join('');
      case '$record':
        return recordOf(
          this.#parts(record.$record as Json, depth).flatMap((part) => Object.entries(expectRecord(part))),
        );
      default:
        return recordOf(keys.map((key) => [key, this.join(record[key] as Json, depth + 1)] as const));
    }
  }

  #parts(names: Json, depth: number): readonly Json[] {
    return expectList(this.join(names, depth + 1)).map((name) => this.#part(name, depth));
  }

  #part(digest: Json, depth: number): Json {
    const text = typeof digest === 'string' ? this.#lookUp(digest) : undefined;
    if (text === undefined) throw new MalformedValue(`a part ${JSON.stringify(digest).slice(0, 40)} is missing`);
    this.#length += text.length;
    if (this.#length > joinedLengthMax) throw new MalformedValue(`an entry grows beyond ${joinedLengthMax} characters`);
    return this.join(JSON.parse(text) as Json, depth + 1);
  }
}

function expectList(json: Json): readonly Json[] {
  if (!Array.isArray(json)) throw new MalformedValue('a part is no list');
  return json as readonly Json[];
}

function expectText(json: Json): string {
  if (typeof json !== 'string') throw new MalformedValue('a part is no text');
  return json;
}

function expectRecord(json: Json): { readonly [key: string]: Json } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new MalformedValue('a part is no object');
  return json as { readonly [key: string]: Json };
}
