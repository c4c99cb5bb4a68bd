// Cursors: where in a run a reader is, as an opaque text. Versioned; each order has its own positions.
import { RepriseError } from '../base/error.ts';
import { isKey } from '../journal/key.ts';

export type StreamOrder = 'arrival' | 'canonical';

/** `arrival`: an entry of the journal and an item of it. `canonical`: an attempt and an item of it. */
export type Position =
  | { readonly order: 'arrival'; readonly place: number; readonly item: number }
  | { readonly order: 'canonical'; readonly at: string; readonly item: number };

const version = 1;

export function cursorText(runId: string, position: Position): string {
  const where = position.order === 'arrival' ? position.place : position.at;
  const json = JSON.stringify([version, position.order === 'arrival' ? 'a' : 'c', where, position.item, runId]);
  return Buffer.from(json, 'utf8').toString('base64url');
}

/** Where a reader begins that has had nothing yet. */
export function startOf(order: StreamOrder): Position {
  return order === 'arrival' ? { order, place: 0, item: 0 } : { order, at: '0', item: 0 };
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

/** @throws RepriseError `cursor-invalid` */
export function readCursor(text: string, runId: string, order: StreamOrder): Position {
  const [number, kind, where, item, ofRun] = parsed(isEndCursor(text) ? text.slice(0, -endMark.length) : text);
  if (number !== version) throw invalid('it is of another version, or is none');
  if (ofRun !== runId) throw invalid(`it is of run "${String(ofRun)}"`);
  if ((kind === 'a' ? 'arrival' : 'canonical') !== order) throw invalid(`it is of the other order than "${order}"`);
  if (!isCount(item)) throw invalid('it names no place');
  if (kind === 'a' && isCount(where)) return { order: 'arrival', place: where, item };
  if (kind === 'c' && typeof where === 'string' && isKey(where)) return { order: 'canonical', at: where, item };
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

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function invalid(why: string): RepriseError {
  return new RepriseError('cursor-invalid', `this cursor cannot be gone on from: ${why}`, {
    nextStep: 'Give a cursor that a reader of this run gave, in the same order; or none, to read from the beginning.',
  });
}
