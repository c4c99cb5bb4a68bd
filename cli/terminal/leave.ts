// The end of the process.
import { RepriseError, explainError } from '../../src/index.ts';
import type { CliIo, ExitCode } from './io.ts';

const leaveMs = 2_000;

/**
 * Ends the process with the code that the work comes to.
 *
 * A module of the user may have opened what never closes (a pool, an interval): the work is done then, and the process
 * goes, instead of hanging in CI until somebody stops it. Or a node awaits what never comes, and nothing is open that
 * could bring it: that is said, where Node alone would end without a word.
 */
export function leaveWith(work: Promise<ExitCode>, io: CliIo): void {
  const onIdle = (): void => {
    io.writeTalk(`reprise: ${explainError(idleError(io.activity()))}\n`);
    process.exitCode = 1;
  };
  process.once('beforeExit', onIdle);
  void work.then((code) => {
    process.off('beforeExit', onIdle);
    process.exitCode = code;
    // What was printed has to reach its reader first, however slow that is.
    process.stdout.write('', () => endLater(code, io));
  });
}

function endLater(code: ExitCode, io: CliIo): void {
  const timer = setTimeout(() => {
    io.writeTalk('reprise: ended here, although something that a module opened is still open\n');
    process.exit(code);
  }, leaveMs);
  timer.unref();
}

function idleError(activity: string): RepriseError {
  return new RepriseError('no-progress', `${activity} cannot go on: a node awaits what nothing is left to bring`, {
    nextStep: 'Look for a promise that is never resolved. What was committed is kept.',
  });
}
