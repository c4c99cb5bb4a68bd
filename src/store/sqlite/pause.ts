// Waits for a lock without blocking the event loop; better-sqlite3's own wait would block it the whole time. This is
// the only timer outside `src/live`: it decides when a write happens, never what is written.
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
