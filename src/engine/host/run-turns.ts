// One at a time: whatever takes or makes the lease of a run in this engine waits for its turn with that run.
export class RunTurns {
  /** Each promise resolves when the turn is over, however it ended. */
  readonly #open = new Map<string, Promise<void>>();

  /** The turn with this run that is under way. */
  of(runId: string): Promise<void> | undefined {
    return this.#open.get(runId);
  }

  /** The runs that have one. */
  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  get all(): readonly Promise<void>[] {
    return [...this.#open.values()];
  }

  /** Begins at once where no turn with this run is under way. */
  async take<Result>(runId: string, work: () => Promise<Result>): Promise<Result> {
    for (let open = this.of(runId); open !== undefined; open = this.of(runId)) await open;
    const turn = Promise.withResolvers<void>();
    this.#open.set(runId, turn.promise);
    try {
      return await work();
    } finally {
      this.#open.delete(runId);
      turn.resolve();
    }
  }
}
