// Cursors: where a reader stands, as an opaque text.
//   C1. A cursor says its version, and those of every version stay readable.
//   C2. A cursor comes from outside: whatever it says is checked, here or against the journal.
import { RepriseError } from '../../base/error.ts';
import { shortText } from '../../base/short-text.ts';
import { isKey } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { firstPosition, journalStart } from './position.ts';
import type { Position, StepStart, StreamOrder } from './position.ts';

/** An attempt whose chunks were given before the store had them, and its node. */
export type Unsettled = readonly [at: AttemptKey, node: string];

export interface Cursor {
  readonly position: Position;
  /** A step that begins no later than the one that the position is in. */
  readonly start: StepStart;
  /** What was given after the position. It is void for a reader that comes back, and given again. */
  readonly unsettled: readonly Unsettled[];
}

/** Version 1 did not say where the step begins: it is read from the start of the journal. */
const versions = { withoutStart: 1, current: 2 } as const;

export function cursorText(runId: string, { position, start, unsettled }: Cursor): string {
  const order = position.order === 'arrival' ? 'a' : 'c';
  const { place, graphPlace, ends } = start;
  const fields = [versions.current, order, whereOf(position), position.item, runId, [place, graphPlace, ends]];
  const json = JSON.stringify(unsettled.length === 0 ? fields : [...fields, unsettled]);
  return Buffer.from(json, 'utf8').toString('base64url');
}

function whereOf(position: Position): number | string {
  if (position.order === 'arrival') return position.place;
  return position.ends === 0 ? position.at : `${position.ends}!${position.at}`;
}

/** The cursor of a reader that has read nothing yet. */
export function firstCursor(order: StreamOrder): Cursor {
  return { position: firstPosition(order), start: journalStart, unsettled: [] };
}

/** Marks a cursor after the end of a run: its reader has had everything. */
const endMark = '.end';

export function endCursor(cursor: string): string {
  return isEndCursor(cursor) ? cursor : cursor + endMark;
}

export function isEndCursor(cursor: string): boolean {
  return cursor.endsWith(endMark);
}

/** Marks a cursor for a browser that is not to come back: there is nothing for it to wait for. */
const restMark = '.rest';

export function restCursor(cursor: string): string {
  return isEndCursor(cursor) || isRestCursor(cursor) ? cursor : cursor + restMark;
}

export function isRestCursor(cursor: string): boolean {
  return cursor.endsWith(restMark);
}

function withoutMark(text: string): string {
  for (const mark of [endMark, restMark]) if (text.endsWith(mark)) return text.slice(0, -mark.length);
  return text;
}

/** Room for a few thousand unsettled attempts. */
const textLengthMax = 128 * 1024;

/** @throws RepriseError `cursor-invalid` */
export function readCursor(text: string, runId: string, order: StreamOrder): Cursor {
  if (text.length > textLengthMax) throw invalid('it is too long');
  const [version, kind, where, item, ofRun, ...rest] = parsed(withoutMark(text));
  if (version !== versions.withoutStart && version !== versions.current)
    throw invalid('it is of another version, or no cursor at all');
  if (typeof ofRun !== 'string') throw invalid('it names no run');
  if (ofRun !== runId) throw invalid(`it is a cursor of run ${shortText(ofRun)}`);
  if ((kind === 'a' ? 'arrival' : 'canonical') !== order) throw invalid(`it is not in "${order}" order`);
  const position = readPosition(kind, where, item);
  const start = version === versions.current ? readStart(rest.shift()) : journalStart;
  const [unsettled = []] = rest;
  if (position === undefined || start === undefined || !isUnsettled(unsettled)) throw invalid('it names no position');
  return { position, start, unsettled };
}

function parsed(text: string): readonly unknown[] {
  try {
    const json: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(json) ? json : [];
  } catch {
    return [];
  }
}

function readPosition(kind: unknown, where: unknown, item: unknown): Position | undefined {
  if (!isCount(item)) return undefined;
  if (kind === 'a') return isCount(where) ? { order: 'arrival', place: where, item } : undefined;
  if (kind !== 'c' || typeof where !== 'string') return undefined;
  const [, ends = '0', at = ''] = /^(?:(\d{1,9})!)?(.*)$/.exec(where) ?? [];
  return isKey(at) ? { order: 'canonical', ends: Number(ends), at, item } : undefined;
}

function readStart(value: unknown): StepStart | undefined {
  if (!Array.isArray(value) || value.length !== 3 || !value.every(isCount)) return undefined;
  const [place, graphPlace, ends] = value as [number, number, number];
  return graphPlace <= place ? { place, graphPlace, ends } : undefined;
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
  return new RepriseError('cursor-invalid', `this cursor cannot be used: ${why}`, {
    nextStep: 'Give a cursor from a reader of this run in the same order, or none to read from the start.',
  });
}
