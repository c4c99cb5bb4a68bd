// What the journal holds of an attempt that is entered again, besides its effects.
import type { Value } from '../../base/value.ts';
import type { AttemptResult, EffectOutcome, EffectRef } from '../../journal/entry.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { AttemptWorld, RecordedAttempt, RecordedReads, RecordedTimers } from '../../port/world.ts';

export abstract class EnteredAgain {
  readonly #recorded: AttemptIndex;
  readonly #startOf: () => number | undefined;
  readonly #inner: AttemptWorld | undefined;
  /** Set for a resumable node that had given chunks: it continues after them. */
  readonly resumed: readonly Value[] | undefined;

  /** `startOf`: the place at which it started. `inner`: what it gets beyond what the journal holds. */
  constructor(recorded: AttemptIndex, isResumable: boolean, startOf: () => number | undefined, inner?: AttemptWorld) {
    this.#inner = inner;
    this.#recorded = recorded;
    this.#startOf = startOf;
    const { chunks, outcome } = recorded;
    if (isResumable && outcome === undefined && (chunks?.deltas.length ?? 0) > 0) this.resumed = chunks?.deltas;
  }

  get chunks(): readonly Value[] {
    return this.#recorded.chunks?.deltas ?? [];
  }

  /** A resumable node that starts after its chunks reads everything again. */
  get reads(): RecordedReads {
    const { ambient } = this.#recorded;
    // A world that was recorded begins with the same, and knows what comes after it.
    const whole = this.resumed === undefined ? this.#inner?.reads : undefined;
    if (whole !== undefined) return { ...whole, entryCount: ambient.length };
    return { entryCount: ambient.length, entries: this.resumed === undefined ? ambient : [], beyond: 'real' };
  }

  get recorded(): RecordedAttempt {
    return this.#recorded.outcome === undefined ? { isEnded: false, started: this.#startOf() } : { isEnded: true };
  }

  altered(effect: EffectRef, outcome: EffectOutcome): EffectOutcome {
    return this.#inner?.altered?.(effect, outcome) ?? outcome;
  }

  get timers(): RecordedTimers {
    const { ambient } = this.#recorded;
    const firings = ambient.flatMap(({ observed }) => observed.firings ?? []);
    return { firings: this.resumed === undefined ? firings : [], entryCount: ambient.length, isReplay: false };
  }

  eventCount(stream: string, task?: string): number {
    if (this.resumed === undefined) return 0;
    return this.#recorded.events.filter((event) => event.stream === stream && event.task === task).length;
  }
}

/** What a node returns that had ended. @throws what it threw. Timeouts too: they came before, so nothing is waited for. */
export function returnedBefore(result: AttemptResult): unknown {
  if (result.status !== 'done') throw result.error;
  return {
    ...(result.delta === undefined ? {} : { delta: result.delta }),
    ...(result.routes === undefined ? {} : { route: result.routes }),
  };
}
