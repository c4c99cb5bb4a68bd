// What keeps the nodes of one replay from the outside, and counts what was tried and what left.
import { RepriseError } from '../../base/error.ts';
import { compareCodeUnits } from '../../base/compare.ts';
import { otherRuntime } from '../../live/runtime.ts';
import { putUpDoorsFor } from '../../live/seal/doors.ts';
import { refusalError, refuseOutsideNodes, watchTraffic } from '../../live/seal/outside-rules.ts';
import type { AnsweredRequest, OutsideCall, Seal } from '../../port/seal.ts';

/** What left in no node's context, to one host. */
export interface Traffic {
  /** For example "127.0.0.1:5432". */
  readonly host: string;
  /** Writes, datagrams and HTTP/2 requests. */
  readonly count: number;
  readonly bytes: number;
}

/** Requests to one host that are no part of the run. */
export interface AnsweredOutside extends AnsweredRequest {
  readonly count: number;
}

/** What code of a node threw after its attempt had ended. */
export interface ThrownInNode {
  readonly at: string;
  readonly node: string;
  readonly thrown: unknown;
}

function isRefusal(thrown: unknown): boolean {
  return thrown instanceof RepriseError && thrown.code === 'effect-refused';
}

export interface SealReport {
  readonly partlySealedOn?: string;
  readonly networkCalls: number;
  readonly refused: readonly OutsideCall[];
  readonly unattributed: readonly Traffic[];
  readonly outside: readonly AnsweredOutside[];
}

/** Further calls are refused, but not kept: a runaway node must not use up memory. */
const keptMax = 1_000;

export class ReplaySeal implements Seal {
  readonly letsPerform: boolean;
  readonly #refused: OutsideCall[] = [];
  readonly #traffic = new Map<string, { count: number; bytes: number }>();
  readonly #thrown: ThrownInNode[] = [];
  readonly #outside = new Map<string, AnsweredRequest & { count: number }>();
  #passed: AnsweredRequest | undefined;
  #leftCount = 0;
  #isOver = false;

  constructor(letsPerform = false) {
    this.letsPerform = letsPerform;
  }

  /** The returned function ends the replay. What its nodes still try is refused after that too, but not reported. */
  close(seal: 'nodes' | 'process'): () => void {
    putUpDoorsFor(this);
    const open = seal === 'nodes' ? watchTraffic(this) : refuseOutsideNodes((call) => this.#keep(call));
    return () => {
      this.#isOver = true;
      open();
    };
  }

  refuse(call: OutsideCall): Error {
    this.#keep(Object.freeze(call));
    return refusalError(call);
  }

  #keep(call: OutsideCall): void {
    if (this.#refused.length < keptMax) this.#refused.push(call);
  }

  /** What an attempt throws while it is open is its result. */
  threw(at: string, node: string, thrown: unknown): void {
    // A refused call has been told already, and the refusal of one that comes too late has nowhere to be told.
    if (!this.#isOver && this.#thrown.length < keptMax && !isRefusal(thrown)) this.#thrown.push({ at, node, thrown });
  }

  get thrown(): readonly ThrownInNode[] {
    return this.#thrown;
  }

  left(): void {
    this.#leftCount += 1;
  }

  answeredOutside({ endpoint, host }: AnsweredRequest): void {
    const key = `${endpoint} ${host}`;
    const answered = this.#outside.get(key);
    if (answered === undefined) this.#outside.set(key, { endpoint, host, count: 1 });
    else answered.count += 1;
  }

  passedOutside(request: AnsweredRequest): void {
    this.#passed ??= request;
  }

  /** The first request for a credential that went out. */
  get passed(): AnsweredRequest | undefined {
    return this.#passed;
  }

  count(host: string, bytes: number): void {
    const traffic = this.#traffic.get(host);
    if (traffic === undefined) {
      this.#traffic.set(host, { count: 1, bytes });
      return;
    }
    traffic.count += 1;
    traffic.bytes += bytes;
  }

  /** What nodes tried. */
  get ofNodes(): readonly OutsideCall[] {
    return this.#refused.filter(({ node }) => node !== undefined);
  }

  get hasRefusedNodes(): boolean {
    return this.#refused.some(({ node }) => node !== undefined);
  }

  report(): SealReport {
    return {
      ...(otherRuntime === undefined ? {} : { partlySealedOn: otherRuntime }),
      networkCalls: this.#leftCount,
      refused: [...this.#refused],
      unattributed: [...this.#traffic]
        .map(([host, traffic]) => ({ host, ...traffic }))
        .sort((left, right) => compareCodeUnits(left.host, right.host)),
      outside: [...this.#outside]
        .sort(([left], [right]) => compareCodeUnits(left, right))
        .map(([, answered]) => ({ ...answered })),
    };
  }
}
