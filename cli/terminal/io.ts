import { oneLine, severalLines, wrapReportsAt } from '../../src/report/index.ts';

/**
 * The terminal, as a command sees it: results go to `writeOut`, everything else to `writeTalk`. Much of the text comes
 * from outside (recorded values, errors of nodes, file names), so both escape control characters.
 */
export interface CliIo {
  writeOut(text: string): void;
  writeTalk(text: string): void;
  /** Replaces the current line of talk; an empty text clears it. For a terminal only. */
  redrawTalk(line: string): void;
  /** Whether a person reads the talk at a terminal. Only then are there colours and a progress line. */
  readonly isTty: boolean;
  /** The working folder: paths on the command line are relative to it. */
  readonly cwd: string;
  /** Calls back when the user asks to stop (Ctrl-C, SIGTERM). The returned function unsubscribes. */
  onInterrupt(callback: () => void): () => void;
  /** The file that runs commands in processes of their own; absent where they cannot be had. */
  readonly program?: string | undefined;
  /** Says what the program is doing, such as "running desk", in case it gets stuck there. */
  setActivity(activity: string): void;
  activity(): string;
}

export type ExitCode = 0 | 1 | 2 | 3 | 130;

export function processIo(): CliIo {
  // If the reader goes away (`reprise show … | head`), output ends but the program does not.
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  if (process.stdout.isTTY) wrapReportsAt(process.stdout.columns);
  let current = 'starting';
  return {
    setActivity: (activity) => {
      current = activity;
    },
    activity: () => current,
    writeOut: (text) => void process.stdout.write(severalLines(text)),
    writeTalk: (text) => void process.stderr.write(severalLines(text)),
    redrawTalk: (line) => void process.stderr.write(`\r\u001b[2K${fitted(oneLine(line), process.stderr.columns)}`),
    isTty: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
    cwd: process.cwd(),
    program: process.argv[1],
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

/** A line that is wrapped could not be cleared: only its last row would be. */
function fitted(line: string, columns: number | undefined): string {
  // A terminal that does not know its width says 0.
  return columns === undefined || columns === 0 || line.length < columns
    ? line
    : `${line.slice(0, Math.max(0, columns - 2))}…`;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
