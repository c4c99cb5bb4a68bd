// Which attempts run, and how many things each of them waits for at the oracle. While every one of them waits for something,
// none of their code can run, but for work that Node does for it.
//   A1. The attempt of a subgraph is not counted once its inner run has begun: its code is that of inner attempts.

export class OpenAttempts {
  readonly #waits = new Map<string, number>();
  #runningCount = 0;

  /** Whether every attempt waits for something here. */
  get areAllWaiting(): boolean {
    return this.#runningCount === 0;
  }

  /** Those that wait for nothing here. */
  get running(): readonly string[] {
    return [...this.#waits].filter(([, waits]) => waits === 0).map(([at]) => at);
  }

  start(at: string): void {
    const inner = at.lastIndexOf('/');
    if (inner >= 0) this.leave(at.slice(0, inner));
    this.#waits.set(at, 0);
    this.#runningCount += 1;
  }

  wait(at: string): void {
    const waits = this.#waits.get(at);
    if (waits === undefined) return;
    this.#waits.set(at, waits + 1);
    if (waits === 0) this.#runningCount -= 1;
  }

  wake(at: string): void {
    const waits = this.#waits.get(at);
    if (waits === undefined) return;
    this.#waits.set(at, waits - 1);
    if (waits === 1) this.#runningCount += 1;
  }

  leave(at: string): void {
    if (this.#waits.get(at) === 0) this.#runningCount -= 1;
    this.#waits.delete(at);
  }
}
