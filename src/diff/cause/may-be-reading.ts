// Whether two values may differ by what was read of a clock or drawn at random. A comparison sees the values alone, so what looks
// like neither a number, a time nor an ID is not taken for one.
import type { Value } from '../../base/value.ts';

/** Between the words of a text, with what stands around a word. */
const betweenWords = /[\s"'`()[\]{}<>,;!?]+/;
const atEnds = /^[.:]+|[.:]+$/g;

/** Numbers, with units and in dates and times: `3.5`, `185ms`, `11/29/2026`, `2026-11-29T22:09:59.705Z`. */
const ofDigits = /^[+-]?\d[\dTZ.:/+-]*(?:ms|s|m|h|d|%)?$/;
const ofCalendar = /^(?:am|pm|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}$/i;
const ofUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As libraries draw them, with a prefix perhaps: `req_8f3k2j9d`. */
const ofId = /^(?:[a-z]+[_-])*(?=[a-z]*\d)[a-z\d]{8,}$/i;

export function mayBeReading(recorded: Value, replayed: Value): boolean {
  if (typeof recorded === 'number' && typeof replayed === 'number') return true;
  if (typeof recorded !== 'string' || typeof replayed !== 'string') return false;
  const [left, right] = [recorded, replayed].map((text) => text.split(betweenWords)) as [string[], string[]];
  if (left.length !== right.length) return false;
  return left.every((word, place) => word === right[place] || (isReading(word) && isReading(right[place] ?? '')));
}

function isReading(word: string): boolean {
  const bare = word.replaceAll(atEnds, '');
  return [ofDigits, ofCalendar, ofUuid, ofId].some((form) => form.test(bare));
}
