// How large a folder, a file and a class may be.
import { covers, folderLimits, isCovered, lineLimits, publicMemberLimits } from './rules.ts';
import type { Limit } from './rules.ts';
import type { Sources } from './source-file.ts';

/** By the place that a reader looks up: a path, which ends with a slash for a folder, or `path:line name` for a class. */
export type Counts = ReadonlyMap<string, number>;

export function longFiles(lineCounts: Counts, limits: readonly Limit[] = lineLimits): readonly string[] {
  return overLimit(limits, lineCounts, 'lines');
}

/** How many modules lie directly in each folder. */
export function fileCounts(paths: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return counts;
}

export function crowdedFolders(counts: Counts, limits: readonly Limit[] = folderLimits): readonly string[] {
  return overLimit(limits, counts, 'files');
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
