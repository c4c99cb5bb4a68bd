import type { CliIo } from './io.ts';

const quietMs = 1_000;
const refreshMs = 250;

/** A line of talk while work takes longer than a second. `done` ends it. */
export interface Progress {
  note(text: string): void;
  /** Takes the line away, to write something else in its place; it comes back. */
  clear(): void;
  done(): void;
}

export function startProgress(io: CliIo, what: string): Progress {
  let latest = '';
  io.setActivity(what);
  let isShown = false;
  const show = (): void => {
    const line = `${what}${latest === '' ? ' …' : `: ${latest}`}`;
    // Without a terminal one line says that work is under way; a moving one would fill a log.
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
      io.setActivity(`${what} (${text})`);
    },
    clear,
    done: () => {
      clearInterval(timer);
      clear();
    },
  };
}
