import { oneLine, severalLines } from '../../src/report/index.ts';

/**
 * What a command is given of the process: results go to `writeOut`, talk to `writeTalk`. Much of it comes from outside
 * (recorded values, errors of nodes, names of files), so neither lets a control character through.
 */
export interface CliIo {
  writeOut(text: string): void;
  writeTalk(text: string): void;
  /** Puts a line of talk in the place of the one before, or takes it away. For a terminal only. */
  redrawTalk(line: string): void;
  /** Whether talk is read by a person at a terminal: only then are there colours and a progress line. */
  readonly isTty: boolean;
  readonly cwd: string;
  /** Calls back when the user asks to stop (Ctrl-C, SIGTERM); the returned function ends it. */
  onInterrupt(callback: () => void): () => void;
  /** What the program is doing, in words such as "running desk"; said when it cannot go on. */
  setActivity(activity: string): void;
  activity(): string;
}

export type ExitCode = 0 | 1 | 2 | 3 | 130;

export function processIo(): CliIo {
  // A reader that goes away (`reprise show … | head`) ends the talk, not the program.
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  let current = 'starting';
  return {
    setActivity: (activity) => {
      current = activity;
    },
    activity: () => current,
    writeOut: (text) => void process.stdout.write(severalLines(text)),
    writeTalk: (text) => void process.stderr.write(severalLines(text)),
    redrawTalk: (line) => void process.stderr.write(`\r\u001b[2K${oneLine(line)}`),
    isTty: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
    cwd: process.cwd(),
    onInterrupt(callback) {
      process.once('SIGINT', callback);
      process.once('SIGTERM', callback);
      return () => {
        process.off('SIGINT', callback);
        process.off('SIGTERM', callback);
      };
    },
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
