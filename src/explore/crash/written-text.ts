// What a write holds, in words: its number alone says nothing to the reader of a report.
import type { Entry } from '../../journal/entry.ts';

const turningPoints: ReadonlySet<Entry['kind']> = new Set(['commit', 'end']);

export function writtenText(entries: readonly Entry[]): string {
  const last = entries.findLast(({ kind }) => turningPoints.has(kind)) ?? entries.at(-1);
  if (last === undefined) return '';
  switch (last.kind) {
    case 'run':
      return 'the beginning of the run';
    case 'end':
      return 'the end of the run';
    case 'commit':
      return `the commit of step ${last.at}`;
    case 'outcome':
      return `the end of ${last.at}`;
    case 'effect':
      return `the answer to ${last.type === 'http' ? 'a request' : `"${last.name}"`} of ${last.at}`;
    case 'begin':
      return `that ${last.type === 'http' ? 'a request' : `"${last.name}"`} of ${last.at} begins`;
    default:
      return 'at' in last ? `what ${last.at} did` : '';
  }
}
