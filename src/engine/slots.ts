// How many attempts run at once, over the run and for each node. Who waits is served in the order of asking, which is
// the order of ranks within a step; the limits decide when a task runs and never what comes out.
import type { NodeSpec } from '../graph/spec.ts';

export interface SlotRequest {
  readonly node: NodeSpec;
  readonly start: () => void;
}

export class Slots {
  readonly #runMax: number;
  #runUsed = 0;
  readonly #nodeUsed = new Map<NodeSpec, number>();
  readonly #waiting: SlotRequest[] = [];
  #serving = false;

  constructor(runMax: number) {
    this.#runMax = runMax;
  }

  /** Calls `start` at once if there is room, else when there is. The returned function gives up waiting. */
  take(request: SlotRequest): () => void {
    if (this.#waiting.length === 0 && this.#hasRoom(request.node)) {
      this.#occupy(request.node, 1);
      request.start();
      return () => undefined;
    }
    this.#waiting.push(request);
    return () => {
      const place = this.#waiting.indexOf(request);
      if (place >= 0) this.#waiting.splice(place, 1);
    };
  }

  give(node: NodeSpec): void {
    this.#occupy(node, -1);
    this.#serve();
  }

  #serve(): void {
    // A start may end at once and give its slot back: the loop that is under way goes on with it, not a deeper one.
    if (this.#serving) return;
    this.#serving = true;
    let place = 0;
    while (place < this.#waiting.length && this.#runUsed < this.#runMax) {
      const request = this.#waiting[place] as SlotRequest;
      if (!this.#hasRoom(request.node)) {
        place += 1;
        continue;
      }
      this.#waiting.splice(place, 1);
      this.#occupy(request.node, 1);
      request.start();
      place = 0;
    }
    this.#serving = false;
  }

  #hasRoom(node: NodeSpec): boolean {
    return (
      this.#runUsed < this.#runMax &&
      (this.#nodeUsed.get(node) ?? 0) < (node.policy.maxConcurrent ?? Number.POSITIVE_INFINITY)
    );
  }

  #occupy(node: NodeSpec, by: 1 | -1): void {
    this.#runUsed += by;
    if (node.policy.maxConcurrent !== undefined) this.#nodeUsed.set(node, (this.#nodeUsed.get(node) ?? 0) + by);
  }
}
