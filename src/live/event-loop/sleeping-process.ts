/** What a process that only waits has open: its terminal or the pipes in its place, timers, and ports that nobody has called. */
const ofEveryProcess: ReadonlySet<string> = new Set([
  'TTYWrap',
  'PipeWrap',
  'Timeout',
  'Immediate',
  'TickObject',
  'TCPServerWrap',
]);

/**
 * Whether nothing is open in this process that could still give something to its code: no file, socket, thread or other
 * process. Timers do not count, since those of nodes are virtual.
 */
export function isProcessAsleep(): boolean {
  return process.getActiveResourcesInfo().every((name) => ofEveryProcess.has(name));
}
