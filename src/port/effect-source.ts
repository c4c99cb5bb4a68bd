import type { RequestRules } from '../journal/run-facts.ts';

/**
 * A kind of effect that is recorded without changing the nodes, such as HTTP. Passed to `createEngine({ effects })`.
 */
export interface EffectSource {
  readonly name: string;
  /** By which rules it tells requests apart. A run keeps those that it began with. */
  readonly rules?: RequestRules;
  /**
   * Starts recording what the attempts of an engine do. The returned function stops that. Engines may share a source.
   */
  install(engine: RecordingEngine): () => void;
}

/** An engine, as its sources see it. Its attempts name it (port/attempt.ts). */
export interface RecordingEngine {
  /**
   * Something went out that belongs to no attempt: noted in each run that has an attempt open now. Undefined for what is
   * no part of any run.
   */
  noteUnattributed(request: () => UnattributedRequest | undefined): void;
}

export interface UnattributedRequest {
  readonly host: string;
  /** Made where the request was. */
  readonly madeAt: Error;
}
