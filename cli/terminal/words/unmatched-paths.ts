import type { CliIo } from '../io.ts';

/** A path that is misspelled redacts nothing, and nothing else would say so. */
export function tellUnmatched(paths: readonly string[], where: string, io: CliIo): void {
  for (const path of paths) io.writeTalk(`redact.paths: ${JSON.stringify(path)} reaches nothing in ${where}\n`);
}
