// How large a file and a class may be.
import { covers, isCovered, lineLimits, publicMemberLimits } from './rules.ts';
import type { Limit } from './rules.ts';
import type { Sources } from './source-file.ts';

/** By the place that a reader looks up: a path, or `path:line name` for a class. */
export type Counts = ReadonlyMap<string, number>;

export function longFiles(lineCounts: Counts, limits: readonly Limit[] = lineLimits): readonly string[] {
  return overLimit(limits, lineCounts, 'lines');
}

export function wideClasses(sources: Sources, limits: readonly Limit[] = publicMemberLimits): readonly string[] {
  return overLimit(limits, publicMemberCounts(sources), 'public members');
}

/** Exceptions from a limit that nothing exceeds any more. */
export function needlessLimitExceptions(counts: Counts, limits: readonly Limit[]): readonly string[] {
  return limits.flatMap(({ countMax, exceptions = [] }) =>
    exceptions
      .filter(
        (exception) => ![...counts].some(([place, count]) => count > countMax && covers(exception, fileOf(place))),
      )
      .map(({ path }) => `${path} has an exception from the limit of ${countMax} and keeps to it`),
  );
}

export function publicMemberCounts(sources: Sources): Counts {
  return new Map(
    [...sources].flatMap(([path, { classes }]) =>
      classes.map(({ name, line, publicMemberCount }) => [`${path}:${line} ${name}`, publicMemberCount] as const),
    ),
  );
}

function overLimit(limits: readonly Limit[], counts: Counts, what: string): readonly string[] {
  return limits.flatMap(({ path: folder, countMax, why, exceptions }) =>
    [...counts]
      .filter(([place, count]) => count > countMax && place.startsWith(folder) && !isCovered(exceptions, fileOf(place)))
      .map(([place, count]) => `${place} has ${count} ${what}, more than ${countMax}: ${why}`),
  );
}

function fileOf(place: string): string {
  return place.split(':')[0] ?? place;
}
