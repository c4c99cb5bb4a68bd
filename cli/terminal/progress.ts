import type { CliIo } from './io.ts';

const quietMs = 1_000;
const refreshMs = 250;

/** A progress line, shown once the work takes longer than a second. `done` removes it. */
export interface Progress {
  note(text: string): void;
  /** Clears the line, to print something in its place. The line comes back. */
  clear(): void;
  done(): void;
}

export function startProgress(io: CliIo, activity: string): Progress {
  let latest = '';
  io.setActivity(activity);
  let isShown = false;
  const show = (): void => {
    const line = `${activity}${latest === '' ? '' : `: ${latest}`} …`;
    // Without a terminal, print a single line: a moving one would fill a log.
    if (io.isTty) io.redrawTalk(line);
    else if (!isShown) io.writeTalk(`${line}\n`);
    isShown = true;
  };
  const start = Date.now();
  const timer = setInterval(() => {
    if (Date.now() - start >= quietMs) show();
  }, refreshMs);
  timer.unref();
  const clear = (): void => {
    if (isShown && io.isTty) io.redrawTalk('');
  };
  return {
    note: (text) => {
      latest = text;
      io.setActivity(`${activity} (${text})`);
    },
    clear,
    done: () => {
      clearInterval(timer);
      clear();
    },
  };
}
