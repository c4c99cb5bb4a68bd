// Cursors: where in a run a reader is, as an opaque text. Versioned; each order has its own positions.
import { RepriseError } from '../base/error.ts';
import { isKey } from '../journal/key.ts';
import type { AttemptKey } from '../journal/key.ts';

export type StreamOrder = 'arrival' | 'canonical';

/**
 * `arrival`: an entry of the journal and an item of it. `canonical`: a key and an item of it, and how often the run had
 * ended before, since a failed run that is gone on with goes back in its order.
 */
export type Position =
  | { readonly order: 'arrival'; readonly place: number; readonly item: number }
  | { readonly order: 'canonical'; readonly ends: number; readonly at: string; readonly item: number };

/** An attempt of which chunks were given that the store did not have yet, and its node. */
export type Unsettled = readonly [at: AttemptKey, node: string];

const version = 1;

/** `unsettled`: what was given behind the position; who comes back is told that it is void, and gets it again. */
export function cursorText(runId: string, position: Position, unsettled: readonly Unsettled[] = []): string {
  const where = position.order === 'arrival' ? position.place : whereText(position);
  const fields = [version, position.order === 'arrival' ? 'a' : 'c', where, position.item, runId];
  const json = JSON.stringify(unsettled.length === 0 ? fields : [...fields, unsettled]);
  return Buffer.from(json, 'utf8').toString('base64url');
}

function whereText({ ends, at }: Position & { readonly order: 'canonical' }): string {
  return ends === 0 ? at : `${ends}!${at}`;
}

/** Where a reader begins that has had nothing yet. */
export function startOf(order: StreamOrder): Position {
  return order === 'arrival' ? { order, place: 0, item: 0 } : { order, ends: 0, at: '0', item: 0 };
}

export function startCursor(runId: string, order: StreamOrder): string {
  return cursorText(runId, startOf(order));
}

/** Marks a cursor behind the end of a run: who comes back with it has had everything. */
const endMark = '.end';

export function endCursor(cursor: string): string {
  return isEndCursor(cursor) ? cursor : cursor + endMark;
}

export function isEndCursor(cursor: string): boolean {
  return cursor.endsWith(endMark);
}

export interface ReadPlace {
  readonly position: Position;
  readonly unsettled: readonly Unsettled[];
}

/** Room for some thousands of attempts that are void. */
const textLengthMax = 128 * 1024;

/** @throws RepriseError `cursor-invalid` */
export function readCursor(text: string, runId: string, order: StreamOrder): ReadPlace {
  if (text.length > textLengthMax) throw invalid('it is longer than any that was given');
  const [number, kind, where, item, ofRun, given = []] = parsed(
    isEndCursor(text) ? text.slice(0, -endMark.length) : text,
  );
  if (number !== version) throw invalid('it is of another version, or is none');
  if (ofRun !== runId) throw invalid(`it is of run "${String(ofRun)}"`);
  if ((kind === 'a' ? 'arrival' : 'canonical') !== order) throw invalid(`it is of the other order than "${order}"`);
  if (!isCount(item) || !isUnsettled(given)) throw invalid('it names no place');
  const unsettled = given;
  const [, ends, at = ''] = /^(?:(\d{1,9})!)?(.*)$/.exec(typeof where === 'string' ? where : '') ?? [];
  if (kind === 'a' && isCount(where)) return { position: { order: 'arrival', place: where, item }, unsettled };
  if (kind === 'c' && isKey(at))
    return { position: { order: 'canonical', ends: Number(ends ?? 0), at, item }, unsettled };
  throw invalid('it names no place');
}

function parsed(text: string): readonly unknown[] {
  try {
    const json: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(json) ? json : [];
  } catch {
    return [];
  }
}

function isUnsettled(value: unknown): value is readonly Unsettled[] {
  return (
    Array.isArray(value) &&
    value.every(
      (pair) =>
        Array.isArray(pair) &&
        typeof pair[0] === 'string' &&
        isKey(pair[0]) &&
        pair[0].includes('#') &&
        typeof pair[1] === 'string',
    )
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function invalid(why: string): RepriseError {
  return new RepriseError('cursor-invalid', `this cursor cannot be gone on from: ${why}`, {
    nextStep: 'Give a cursor that a reader of this run gave, in the same order; or none, to read from the beginning.',
  });
}
