// Checksums of rows: a byte that changed on the disk is seen where the row is read.
//   S1. A checksum covers a row's place too, so a row that turns up elsewhere is seen as well.
//   S2. A row without one was written by a release that had none. One flipped bit that removes a checksum changes nothing
//       else of its row.
import { crc32 } from 'node:zlib';
import type { Column } from './codec.ts';

/** Of what a column holds; `placedSum` adds where. Computed before the file is locked. */
export function columnSum(column: Column): number {
  return crc32(column);
}

/** `place`: everything about the row that is not in the column. */
export function placedSum(sum: number, ...place: readonly (string | number)[]): number {
  let placed = sum;
  // Each step is a bijection, so a change of any one part changes the sum.
  for (const part of place) {
    if (typeof part === 'number') {
      placed = Math.imul(placed ^ part, prime);
      placed = Math.imul(placed ^ Math.floor(part / wordCount), prime);
    } else placed = Math.imul(placed ^ textSum(part), prime);
  }
  return placed >>> 0;
}

/** The prime of FNV-1a. */
const prime = 0x01_00_01_93;
const wordCount = 2 ** 32;

/** Rows are read and written run by run, so the id of the run is mostly the same as before. */
let lastText = { text: '', sum: 0 };

function textSum(text: string): number {
  if (lastText.text !== text) lastText = { text, sum: crc32(text) };
  return lastText.sum;
}

/** Whether a row may be what was written. */
export function isIntact(stored: unknown, column: unknown, ...place: readonly (string | number)[]): boolean {
  if (stored === null || stored === undefined) return true;
  if (typeof column !== 'string' && !(column instanceof Uint8Array)) return false;
  return placedSum(columnSum(column), ...place) === stored;
}
