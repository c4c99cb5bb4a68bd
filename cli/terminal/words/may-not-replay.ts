import type { CliIo } from '../io.ts';
import { shellWord } from './shell-word.ts';

/** Says as talk why a fixture may not replay, and what to do. `path` is the file as it is to be named in a command. */
export function tellMayNotReplay(reasons: readonly string[], path: string, io: CliIo): void {
  if (reasons.length === 0) return;
  for (const reason of reasons) io.writeTalk(`may not replay: ${reason}\n`);
  io.writeTalk(
    `  next: see whether it matters: npx reprise replay ${shellWord(path)}\n` +
      '        If it does, wrap what is named in `context.effect`, and record the run again.\n',
  );
}
