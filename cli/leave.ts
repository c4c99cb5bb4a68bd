// The end of the process. A module of the user may have opened what never closes (a pool, an interval): the work is done
// and the process goes, instead of hanging in CI until somebody stops it.
import type { CliIo, ExitCode } from './io.ts';

const leaveMs = 2_000;

export function leaveWith(code: ExitCode, io: CliIo): void {
  process.exitCode = code;
  // What was printed has to reach its reader first, however slow that is.
  process.stdout.write('', () => {
    const timer = setTimeout(() => {
      io.writeTalk('reprise: ended here, although something that a module opened is still open\n');
      process.exit(code);
    }, leaveMs);
    timer.unref();
  });
}
