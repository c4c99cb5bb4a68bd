/** What a process that only waits has open: its terminal, timers, and ports that nobody has called. */
const ofEveryProcess: ReadonlySet<string> = new Set(['TTYWrap', 'Timeout', 'Immediate', 'TickObject', 'TCPServerWrap']);

const pipe = 'PipeWrap';
const openPipes = (): number => process.getActiveResourcesInfo().filter((name) => name === pipe).length;
/** Those in place of a terminal, and one to a process that has started this one. A later one may lead to a database. */
const ownPipes = openPipes();

/**
 * Whether nothing is open in this process that could still give something to its code: no file, socket, thread or other
 * process. Timers do not count, since those of nodes are virtual.
 */
export function isProcessAsleep(): boolean {
  const open = process.getActiveResourcesInfo();
  return openPipes() <= ownPipes && open.every((name) => name === pipe || ofEveryProcess.has(name));
}
