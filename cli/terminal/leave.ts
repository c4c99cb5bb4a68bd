// How the process ends.
import { RepriseError, explainError } from '../../src/index.ts';
import type { CliIo, ExitCode } from './io.ts';

const leaveMs = 2_000;
const interrupted: ExitCode = 130;
let isInterrupted = false;

/**
 * Writes a fixture. Ctrl-C ends the process with its exit listeners, one of which removes what is half written. Only meanwhile:
 * code of a node that never gives the event loop its turn could not be stopped by a signal that somebody listens for.
 */
export async function whileWriting<Result>(io: CliIo, write: () => Promise<Result>): Promise<Result> {
  const stopListening = io.onInterrupt(() => {
    isInterrupted = true;
    process.exit(interrupted);
  });
  try {
    return await write();
  } finally {
    stopListening();
  }
}

/**
 * Ends the process with the exit code of the work.
 *
 * Three things can keep it from ending well. A module may have left a handle open (a pool, an interval): the process then
 * exits anyway, rather than hang in CI. A node may await something that can no longer happen: Node would exit without
 * a word, so the process says what it was doing. Or code of the user may end the process, with an exit code that would
 * stand for work that was never finished.
 */
export function leaveWith(work: Promise<ExitCode>, io: CliIo): void {
  const onIdle = (): void => {
    process.off('exit', onExit);
    io.writeTalk(`reprise: ${explainError(idleError(io.activity()))}\n`);
    process.exitCode = 1;
  };
  const onExit = (code: number): void => {
    if (isInterrupted) return;
    io.writeTalk(`reprise: ${io.activity()} was cut short: code that it loaded ended the process\n`);
    if (code === 0) process.exitCode = 1;
  };
  process.once('beforeExit', onIdle);
  process.once('exit', onExit);
  void work.then((code) => {
    process.off('beforeExit', onIdle);
    process.off('exit', onExit);
    process.exitCode = code;
    // The timer starts when the output has been flushed, however slow its reader is.
    process.stdout.write('', () => exitLater(code, io));
  });
}

function exitLater(code: ExitCode, io: CliIo): void {
  const timer = setTimeout(() => {
    io.writeTalk('reprise: exiting, although a timer, socket or pool of a loaded module is still open\n');
    process.exit(code);
  }, leaveMs);
  timer.unref();
}

function idleError(activity: string): RepriseError {
  return new RepriseError(
    'no-progress',
    `${activity} cannot continue: a node awaits something that nothing will settle`,
    {
      nextStep: 'Look for a promise that never settles. Committed steps are kept.',
    },
  );
}
