import type { CliIo } from './io.ts';

const quietMs = 1_000;
const refreshMs = 250;

/**
 * A progress line: on a terminal from the first note on, elsewhere once the work takes longer than a second. `done` removes it.
 * Work that never gives the event loop its turn is seen by its notes alone, so each of them looks whether it is time to show
 * one.
 */
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
  let shownAt = Number.NEGATIVE_INFINITY;
  const showIfDue = (): void => {
    const now = Date.now();
    if (now - shownAt < refreshMs || (!io.isTty && now - start < quietMs)) return;
    shownAt = now;
    show();
  };
  const timer = setInterval(showIfDue, refreshMs);
  timer.unref();
  const clear = (): void => {
    if (isShown && io.isTty) io.redrawTalk('');
  };
  return {
    note: (text) => {
      latest = text;
      io.setActivity(`${activity} (${text})`);
      showIfDue();
    },
    clear,
    done: () => {
      clearInterval(timer);
      clear();
    },
  };
}
