// How many attempts run at once, in the run and for each node. Slots are given in the order of requests, which is the
// order of ranks within a step. The limits decide when a task runs and never what it returns.
// A run that has had its turn of the event loop starts no further attempts before its next one.
// A replay starts what it follows at its place in the recorded order: with a limit of a node besides, an attempt whose place
// is later could hold the slot of one that comes first. What began in one turn begins in one there too, however slow it is:
// code that gathers what a turn asks for, such as the batches of a loader, would gather something else.
//   S1. The slots in use are never fewer than none and never more than a limit: that of the run, and that of their node.
import { assert } from '../../base/assert.ts';
import type { NodeSpec } from '../../graph/spec.ts';
import type { RunPace } from './run-pace.ts';

export interface SlotRequest {
  readonly node: NodeSpec;
  readonly start: () => void;
}

interface Waiting {
  readonly request: SlotRequest;
  readonly order: number;
  isGivenUp: boolean;
}

/** The requests that wait for slots of one node, from `head` on. */
interface Queue {
  readonly waiting: Waiting[];
  head: number;
}

const nothingToGiveUp = (): void => undefined;

export class Slots {
  readonly #runMax: number;
  readonly #pace: RunPace;
  readonly #followsOrder: boolean;
  #runUsed = 0;
  readonly #nodeUsed = new Map<NodeSpec, number>();
  readonly #queues = new Map<NodeSpec, Queue>();
  #order = 0;
  #serving = false;
  /** Requests that have room wait for a later turn. */
  #isPausing = false;

  constructor(runMax: number, pace: RunPace, followsOrder = false) {
    this.#runMax = runMax;
    this.#pace = pace;
    this.#followsOrder = followsOrder;
  }

  /** Calls `start` at once if there is room, otherwise as soon as there is. The returned function gives up waiting. */
  take(request: SlotRequest): () => void {
    // A waiting request has no room, except while requests are being served one after another, or the run pauses.
    const mayStart = !this.#serving && this.#hasRoom(request.node) && !this.#isTurnOver;
    if (mayStart) {
      this.#occupy(request.node, 1);
      request.start();
      return nothingToGiveUp;
    }
    this.#order += 1;
    const waiting = { request, order: this.#order, isGivenUp: false };
    const queue = this.#queues.get(request.node);
    if (queue === undefined) this.#queues.set(request.node, { waiting: [waiting], head: 0 });
    else queue.waiting.push(waiting);
    return () => {
      waiting.isGivenUp = true;
    };
  }

  give(node: NodeSpec): void {
    this.#occupy(node, -1);
    if (this.#queues.size > 0 && !this.#isTurnOver) this.#serve();
  }

  #serve(): void {
    // A start may end at once and give its slot back. The loop that is already running serves that slot, not a nested
    // one.
    if (this.#serving) return;
    this.#serving = true;
    for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext()) {
      this.#occupy(next.node, 1);
      next.start();
      if (this.#queues.size > 0 && this.#isTurnOver) break;
    }
    this.#serving = false;
  }

  /** Whether requests have to wait for a later turn, in which they are served. */
  get #isTurnOver(): boolean {
    if (this.#isPausing) return true;
    if (this.#followsOrder || !this.#pace.isTurnOver()) return false;
    this.#isPausing = true;
    this.#pace.inLaterTurn(() => {
      this.#isPausing = false;
      // One of them at least, or a busy machine would let a run wait for ever.
      this.#serve();
    });
    return true;
  }

  /** The request that has waited longest, of those that have room. */
  #takeNext(): SlotRequest | undefined {
    let best: Queue | undefined;
    for (const [node, queue] of this.#queues) {
      while (queue.waiting[queue.head]?.isGivenUp === true) queue.head += 1;
      const first = queue.waiting[queue.head];
      if (first === undefined) this.#queues.delete(node);
      else if (this.#hasRoom(node) && first.order < (best?.waiting[best.head]?.order ?? Number.POSITIVE_INFINITY))
        best = queue;
    }
    if (best === undefined) return undefined;
    best.head += 1;
    return best.waiting[best.head - 1]?.request;
  }

  #hasRoom(node: NodeSpec): boolean {
    return (
      this.#runUsed < this.#runMax && (this.#nodeUsed.get(node) ?? 0) < (this.#maxOf(node) ?? Number.POSITIVE_INFINITY)
    );
  }

  #maxOf(node: NodeSpec): number | undefined {
    return this.#followsOrder ? undefined : node.policy.maxConcurrent;
  }

  #occupy(node: NodeSpec, by: 1 | -1): void {
    this.#runUsed += by;
    assert(this.#runUsed >= 0 && this.#runUsed <= this.#runMax, 'S1: the slots of a run in use are within its limit');
    const maxConcurrent = this.#maxOf(node);
    if (maxConcurrent === undefined) return;
    const used = (this.#nodeUsed.get(node) ?? 0) + by;
    assert(used >= 0 && used <= maxConcurrent, 'S1: the slots of a node in use are within its limit');
    this.#nodeUsed.set(node, used);
  }
}
