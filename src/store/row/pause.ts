// Waits for a lock without blocking the event loop; better-sqlite3's own wait would block it the whole time. These are
// the only timers outside `src/live`: they decide when the file is read or written, never what is.
const { setImmediate: realSetImmediate } = globalThis;

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** The same, and does not keep the process alive. */
export function pauseInBackground(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs).unref());
}

/** Lets everything else in the process have its turn, also where a test has fake timers. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(resolve));
}
