// What two recorded runs are called in front of their values: short enough for a column, and not the same.
import { oneLine } from '../text/plain-text.ts';
import type { SideNames } from '../text/difference-text.ts';

const lengthMax = 20;

/** `recorded`, `replayed`: as they were named, by a file, a file of a revision, or an ID. */
export function sideNames(recorded: string, replayed: string): SideNames {
  const [one, other] = [shortName(recorded), shortName(replayed)];
  if (one === other || Math.max(one.length, other.length) > lengthMax) return ['first', 'second'];
  return [one, other];
}

function shortName(name: string): string {
  const file = name.split(/[/\\]/).at(-1) ?? name;
  return oneLine(file).replace(/\.run\.jsonl(?:\.zst)?$/, '');
}
