import { globSync } from 'node:fs';
import { resolve } from 'node:path';

/** The files that match any of the patterns, sorted by path. A pattern without a match adds nothing. */
export function filesMatching(patterns: string | readonly string[], folder: string): readonly string[] {
  const found = new Set<string>();
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) {
    for (const path of globSync(pattern, { cwd: folder })) found.add(resolve(folder, path));
  }
  return [...found].sort();
}
