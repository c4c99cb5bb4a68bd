// A command in the process of the test, which has Reprise loaded already. A module of the user is read once.
import { runProgram } from '../../cli/program.ts';
import { withoutProgress } from './cli.ts';
import type { Ended } from './cli.ts';
import { RecordedIo } from './recorded-io.ts';

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `reprise` with arguments in a folder, one command after the other. What a command takes from the environment is that
 * of the test.
 */
export function commandHere(cwd: string, args: readonly string[]): Promise<Ended> {
  const ended = last.then(() => commandNow(cwd, args));
  last = ended.catch(() => undefined);
  return ended;
}

async function commandNow(cwd: string, args: readonly string[]): Promise<Ended> {
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const io = new RecordedIo(cwd);
    const code = await runProgram(args, io);
    return { code, out: io.out, talk: withoutProgress(io.talk) };
  } finally {
    process.chdir(before);
  }
}
