// Waiting for a lock without blocking the event loop, as better-sqlite3's own waiting would for its whole length. This
// is the one timer outside of `src/live`: it decides when a write happens, never what is written.
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
