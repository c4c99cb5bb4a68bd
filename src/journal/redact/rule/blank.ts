// What a path names is not compared: both sides are blanked there. That something stands there, and its kind, still count.
import { frozenBytes } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { AttemptResult, Entry } from '../../entry.ts';
import { below } from './place.ts';
import type { Place } from './place.ts';
import { mapPlacedEntry, mapPlacedResult } from './placed-entry.ts';
import { mapPlaced } from './placed-values.ts';

/** `count` is called for each value that is blanked. */
export function blankEntry<Given extends Entry>(entry: Given, places: readonly Place[], count?: () => void): Given {
  return mapPlacedEntry(entry, places, (leaf) => blankLeaf(leaf, count));
}

export function blankResult(result: AttemptResult, node: string, places: readonly Place[]): AttemptResult {
  return mapPlacedResult(result, node, places, (leaf) => blankLeaf(leaf));
}

export function blankRequest(request: Value, name: string, places: readonly Place[]): Value {
  const inRequest = below(below(below(places, 'effects'), name), 'request');
  return mapPlaced(request, inRequest, (leaf) => blankLeaf(leaf));
}

const noBytes = frozenBytes(new Uint8Array());

function blankLeaf(leaf: Value, count?: () => void): Value {
  if (leaf === null) return leaf;
  count?.();
  switch (typeof leaf) {
    case 'string':
      return '[redacted:path]';
    case 'number':
      return 0;
    case 'bigint':
      return 0n;
    case 'boolean':
      return false;
    default:
      return leaf instanceof Uint8Array ? noBytes : null;
  }
}
