// Splits large JSON into parts. A value that is too long for a line is split into parts named by their digest. So a file
// holds equal parts once, and a growing list costs only its growth.
//   An object stands for its parts:
//   {"$part":d}      the JSON of part d
//   {"$list":[d…]}   the lists of these parts, one after another
//   {"$text":[d…]}   the texts of these parts, one after another
//   {"$record":[d…]} the objects of these parts, taken together
// The encoding of values escapes users' keys that start with "$", so none of them is mistaken for one of these.
import { compareCodeUnits } from '../../base/compare.ts';
import { digestOf } from '../../base/digest.ts';
import { atOnce, inPieces } from '../../base/in-pieces.ts';
import { MalformedValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { setOwn } from '../../base/value.ts';

/** JSON texts up to this length stay whole. */
const wholeLengthMax = 4_000;
const pieceLengthMax = 3_000;
/** A text up to this length fits in a line however much of it is escaped. */
const shortLengthMax = 600;
const digestLength = 32;
/** A list or record of more than that is not looked at as a whole. */
const smallCountMax = 64;
/** So many of them, or so many parts, take well under a millisecond. */
const containersAPiece = 256;
const partsAPiece = 8;
const childrenAPiece = 128;
/** A text of that length is split in a few pieces of the work. */
const longLengthMin = 20_000;

type JsonRecord = { readonly [key: string]: Json };
type Container = readonly Json[] | JsonRecord;

/** JSON as it was sent: the order of its keys matters, so it is neither split nor sorted. */
export function isAsSent(json: Json): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && Object.hasOwn(json, '$json');
}

/** The text of a line: canonical, except for JSON that is kept as it was sent. */
export function lineText(json: Json): string {
  if (typeof json !== 'object' || json === null || isAsSent(json)) return JSON.stringify(json);
  // Loops, not `map`: each level of a deep value costs the stack one frame less.
  let text = '';
  if (Array.isArray(json)) {
    for (const item of json as readonly Json[]) text += `${text === '' ? '' : ','}${lineText(item)}`;
    return `[${text}]`;
  }
  const record = json as JsonRecord;
  for (const key of Object.keys(record).sort(compareCodeUnits)) {
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${lineText(record[key] as Json)}`;
  }
  return `{${text}}`;
}

/** The name of a part. */
export function partDigest(text: string): string {
  return digestOf(text).slice(0, digestLength);
}

/** Called once for each part, before anything that names it. The caller skips the parts that it already has. */
export type EmitPart = (digest: string, text: string) => void;

/** The JSON with its large parts taken out. JSON that fits in a line is returned as is. */
export function splitParts(json: Json, emit: EmitPart): Json {
  return atOnce(splitInPieces(json, emit));
}

/** The same, with pieces of the work. What was emitted until then may be used. `length`: that of its text, where it is known. */
export function* splitInPieces(
  json: Json,
  emit: EmitPart,
  length = JSON.stringify(json).length,
): Generator<undefined, Json> {
  return length <= wholeLengthMax ? json : yield* new Splitter(emit).split(json);
}

/**
 * Whether the text of this JSON is certainly longer than that, as its values alone show. To make the text of ten megabytes in
 * order to measure it would hold up everything else in the process.
 */
export function isLonger(json: Json, length: number): boolean {
  const open: Container[] = [];
  let least = 0;
  const look = (next: Json): void => {
    least += typeof next === 'string' ? next.length + 2 : 1;
    if (typeof next === 'object' && next !== null) open.push(next as Container);
  };
  look(json);
  for (let next = open.pop(); next !== undefined && least <= length; next = open.pop()) {
    if (!isList(next)) for (const key of Object.keys(next)) look(next[key] as Json);
    else if (next.length > length) return true;
    else for (const item of next) look(item);
  }
  return least > length;
}

class Splitter {
  readonly #emit: EmitPart;
  /** What each list and record became, innermost first. */
  readonly #done = new Map<Json, Json>();
  /** How long the texts of lists and records are. */
  readonly #lengths = new Map<Json, number>();
  constructor(emit: EmitPart) {
    this.#emit = emit;
  }

  *split(json: Json): Generator<undefined, Json> {
    const containers = yield* this.#containersOf(json);
    for (let place = containers.length - 1; place >= 0; place -= 1) {
      if (place % containersAPiece === 0) yield;
      const container = containers[place] as Container;
      this.#done.set(container, yield* isList(container) ? this.#splitList(container) : this.#splitRecord(container));
    }
    return typeof json === 'string' ? yield* this.#textInPieces(json) : this.#became(json);
  }

  /**
   * The lists and records of a value that may have to be split, outer ones first. Without recursion, since values may be
   * deep.
   */
  *#containersOf(json: Json): Generator<undefined, readonly Container[]> {
    const found: Container[] = [];
    const open = [json];
    let seen = 0;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      seen += 1;
      if (seen % containersAPiece === 0) yield;
      if (typeof next !== 'object' || next === null || isAsSent(next) || this.#isSmall(next as Container)) continue;
      found.push(next as Container);
      for (const item of Object.values(next)) open.push(item as Json);
    }
    return found;
  }

  /** Whether it stays as it is, since it holds nothing large. Most of many thousand do. */
  #isSmall(container: Container): boolean {
    const items = isList(container) ? container : Object.values(container);
    if (items.length > smallCountMax || items.some(isContainerOrLong)) return false;
    const { length } = JSON.stringify(container);
    if (length > shortLengthMax) return false;
    this.#lengths.set(container, length);
    return true;
  }

  #became(json: Json): Json {
    if (typeof json === 'string') return atOnce(this.#textInPieces(json));
    return this.#done.get(json) ?? json;
  }

  /** A child after it was split. It becomes a part of its own if it is still large. */
  #shrunk(json: Json, split = this.#became(json)): Json {
    return this.#lengthOf(split) <= pieceLengthMax ? split : { $part: this.#part(split) };
  }

  /** The length of its text. What is inside a container was measured before it. */
  #lengthOf(json: Json): number {
    if (typeof json !== 'object' || json === null || isAsSent(json)) return JSON.stringify(json).length;
    const known = this.#lengths.get(json);
    if (known !== undefined) return known;
    const items = isList(json) ? json : Object.values(json as JsonRecord);
    // The brackets, and the commas between the items.
    let length = 2 + Math.max(0, items.length - 1);
    for (const item of items) length += this.#lengthOf(item);
    if (!isList(json)) for (const key of Object.keys(json)) length += JSON.stringify(key).length + 1;
    this.#lengths.set(json, length);
    return length;
  }

  /** Children after they were split, in their order. */
  *#allShrunk(children: readonly Json[]): Generator<undefined, Json[]> {
    const shrunk: Json[] = [];
    for (const [place, child] of children.entries()) {
      if (place % childrenAPiece === childrenAPiece - 1) yield;
      const isLong = typeof child === 'string' && child.length > longLengthMin;
      shrunk.push(this.#shrunk(child, isLong ? yield* this.#textInPieces(child) : undefined));
    }
    return shrunk;
  }

  /**
   * Pieces whose text in a line has a bounded length, cut from the front: a text that only grows keeps its first pieces. The text
   * of each is made once, since that takes as long as all else.
   */
  *#textInPieces(text: string): Generator<undefined, Json> {
    if (text.length <= shortLengthMax) return text;
    const names: string[] = [];
    for (let start = 0; start < text.length; ) {
      let piece = text.slice(start, start + pieceLengthMax);
      let line = lineText(piece);
      // An escaped character is up to six long.
      while (line.length > wholeLengthMax) {
        piece = piece.slice(0, piece.length / 2);
        line = lineText(piece);
      }
      if (piece.length === text.length) return text;
      start += piece.length;
      names.push(this.#named(line));
      if (names.length % partsAPiece === 0) yield;
    }
    return { $text: yield* this.#grouped(names) };
  }

  *#splitList(list: readonly Json[]): Generator<undefined, Json> {
    return yield* this.#grouped(yield* this.#allShrunk(list));
  }

  *#grouped(items: readonly Json[]): Generator<undefined, Json> {
    const groups = yield* grouped(items, (item) => this.#lengthOf(item) + 1);
    return groups.length <= 1 ? items : { $list: yield* this.#names(groups) };
  }

  *#splitRecord(record: JsonRecord): Generator<undefined, Json> {
    const keys = Object.keys(record).sort(compareCodeUnits);
    const shrunk = yield* this.#allShrunk(keys.map((key) => record[key] as Json));
    const entries = keys.map((key, place) => [key, shrunk[place] as Json] as const);
    const groups = yield* grouped(entries, ([key, item]) => JSON.stringify(key).length + this.#lengthOf(item) + 2);
    return groups.length <= 1 ? recordOf(entries) : { $record: yield* this.#names(groups.map(recordOf)) };
  }

  /** Names the parts. A long list of names is split like any other list. */
  *#names(parts: readonly Json[]): Generator<undefined, Json> {
    const names: string[] = [];
    for (const part of parts) {
      names.push(this.#part(part));
      if (names.length % partsAPiece === 0) yield;
    }
    return yield* this.#grouped(names);
  }

  #part(json: Json): string {
    return this.#named(lineText(json));
  }

  #named(text: string): string {
    const digest = partDigest(text);
    this.#emit(digest, text);
    return digest;
  }
}

/** What holds a long text is not made into one to be measured. */
function isContainerOrLong(json: Json): boolean {
  return typeof json === 'string' ? json.length > shortLengthMax : typeof json === 'object' && json !== null;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function recordOf(entries: Iterable<readonly [string, Json]>): Json {
  const record: Record<string, Json> = {};
  for (const [key, item] of entries) setOwn(record, key, item);
  return record;
}

/**
 * Groups of neighbours, each no longer than a piece, cut from the front: a list that only grows keeps its first groups.
 */
function* grouped<Item>(
  items: readonly Item[],
  lengthOf: (item: Item) => number,
): Generator<undefined, readonly (readonly Item[])[]> {
  const groups: Item[][] = [];
  let length = Number.POSITIVE_INFINITY;
  yield* inPieces(items, (item) => {
    const added = lengthOf(item);
    if (length + added > pieceLengthMax) {
      groups.push([]);
      length = 0;
    }
    (groups.at(-1) as Item[]).push(item);
    length += added;
  });
  return groups;
}

/**
 * How large one entry may become when its parts are put back: parts of untrusted files may name each other many times,
 * or in a circle.
 */
const joinedLengthMax = 128 * 1024 * 1024;
const joinedCountMax = 8_000_000;
const joinDepthMax = 20_000;
const nameDepthMax = 20;

/**
 * The JSON with its parts put back. `lookUp` returns the text of a part. Changes the given JSON: parts are put into it.
 *
 * @throws MalformedValue for parts that are missing, name each other in a circle, or grow beyond a limit
 */
export function joinParts(json: Json, lookUp: (digest: string) => string | undefined): Json {
  return atOnce(joinInPieces(json, lookUp));
}

/** The same, with pieces of the work. */
export function joinInPieces(json: Json, lookUp: (digest: string) => string | undefined): Generator<undefined, Json> {
  return new Joiner(lookUp).join(json);
}

/** The place of a value: in `holder`, under `key`. */
interface Slot {
  readonly holder: JsonRecord | readonly Json[];
  readonly key: string | number;
  readonly depth: number;
}

class Joiner {
  readonly #lookUp: (digest: string) => string | undefined;
  readonly #open: Slot[] = [];
  #length = 0;
  #count = 0;
  constructor(lookUp: (digest: string) => string | undefined) {
    this.#lookUp = lookUp;
  }

  // Without recursion: an untrusted value may be nested deeper than the stack allows.
  *join(json: Json): Generator<undefined, Json> {
    const root = { json };
    this.#open.push({ holder: root, key: 'json', depth: 0 });
    let filled = 0;
    for (let slot = this.#open.pop(); slot !== undefined; slot = this.#open.pop()) {
      filled += 1;
      if (filled % containersAPiece === 0) yield;
      const before = (slot.holder as JsonRecord)[slot.key] as Json;
      if (tagOf(before) === undefined) this.#fill(before, slot.depth);
      else {
        const { json: whole, depth } = yield* this.#whole(before, slot.depth);
        setOwn(slot.holder, String(slot.key), whole);
        this.#fill(whole, depth);
      }
    }
    return root.json;
  }

  /** What is inside a value is joined later. */
  #fill(json: Json, depth: number): void {
    if (typeof json !== 'object' || json === null || isAsSent(json)) return;
    if (depth > joinDepthMax) throw new MalformedValue('the value is nested too deep');
    if (Array.isArray(json)) {
      this.#countItems(json.length);
      for (let index = 0; index < json.length; index += 1) this.#later(json, index, json[index] as Json, depth);
      return;
    }
    const keys = Object.keys(json);
    this.#countItems(keys.length);
    for (const inner of keys) this.#later(json as JsonRecord, inner, (json as JsonRecord)[inner] as Json, depth);
  }

  #later(holder: JsonRecord | readonly Json[], key: string | number, item: Json, depth: number): void {
    if (typeof item === 'object' && item !== null) this.#open.push({ holder, key, depth: depth + 1 });
  }

  #countItems(count: number): void {
    this.#count += count + 1;
    if (this.#count > joinedCountMax) throw new MalformedValue(`an entry holds more than ${joinedCountMax} values`);
  }

  /**
   * Replaces an object that stands for parts with those parts. Anything else stays as it is. Parts inside are not
   * joined yet.
   */
  *#whole(json: Json, depth: number): Generator<undefined, { readonly json: Json; readonly depth: number }> {
    let whole = json;
    for (let parts = 0; ; parts += 1) {
      const tag = tagOf(whole);
      if (tag === undefined) return { json: whole, depth: depth + parts };
      if (depth + parts > joinDepthMax) throw new MalformedValue('the parts of a value name each other in a circle');
      const named = (whole as JsonRecord)[tag] as Json;
      if (tag === '$part') whole = this.#part(named);
      else whole = joined(tag, yield* this.#named(named, 0));
    }
  }

  /** The parts of these names. The names are a list, which may itself be in parts. */
  *#named(names: Json, depth: number): Generator<undefined, readonly Json[]> {
    const parts: Json[] = [];
    for (const name of yield* this.#names(names, depth)) {
      if (parts.length % partsAPiece === partsAPiece - 1) yield;
      parts.push(this.#part(name));
    }
    return parts;
  }

  *#names(names: Json, depth: number): Generator<undefined, readonly Json[]> {
    if (depth > nameDepthMax) throw new MalformedValue('the parts of a value name each other in a circle');
    if (onlyKey(names) !== '$list') return expectList(names);
    return (yield* this.#named((names as JsonRecord).$list as Json, depth + 1)).flatMap(expectList);
  }

  #part(digest: Json): Json {
    const text = typeof digest === 'string' ? this.#lookUp(digest) : undefined;
    if (text === undefined) throw new MalformedValue(`a part ${JSON.stringify(digest).slice(0, 40)} is missing`);
    this.#length += text.length;
    if (this.#length > joinedLengthMax) throw new MalformedValue(`an entry grows beyond ${joinedLengthMax} characters`);
    const json = JSON.parse(text) as Json;
    if (Array.isArray(json)) this.#countItems(json.length);
    return json;
  }
}

/** Which parts a value stands for, if it does. */
function tagOf(json: Json): '$part' | '$list' | '$text' | '$record' | undefined {
  const tag = onlyKey(json);
  return tag === '$part' || tag === '$list' || tag === '$text' || tag === '$record' ? tag : undefined;
}

function onlyKey(json: Json): string | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const keys = Object.keys(json);
  return keys.length === 1 ? keys[0] : undefined;
}

function joined(tag: '$list' | '$text' | '$record', parts: readonly Json[]): Json {
  if (tag === '$list') return parts.flatMap(expectList);
  if (tag === '$text') return parts.map(expectText).join('');
  return recordOf(parts.flatMap((part) => Object.entries(expectRecord(part))));
}

function expectList(json: Json): readonly Json[] {
  if (!Array.isArray(json)) throw new MalformedValue('a part is not a list');
  return json as readonly Json[];
}

function expectText(json: Json): string {
  if (typeof json !== 'string') throw new MalformedValue('a part is not a string');
  return json;
}

function expectRecord(json: Json): JsonRecord {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new MalformedValue('a part is not an object');
  return json as JsonRecord;
}
