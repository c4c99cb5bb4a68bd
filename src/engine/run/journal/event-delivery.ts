// Delivers events to sinks: as they happen, or in canonical order at the commit. An event is delivered only once it is
// durable, so that nobody acts on something that a crash could take back.
import type { EventEntry } from '../../../journal/entry.ts';
import { compareEntries } from '../../../journal/run/canonical-order.ts';
import { attemptNumber, taskOfAttempt } from '../../../journal/key.ts';
import type { AttemptKey, TaskKey } from '../../../journal/key.ts';
import { aroundRuns } from '../../../port/attempt.ts';
import type { EventSink } from '../../../port/event-sink.ts';
import type { Later } from '../../../port/store.ts';

interface Reported {
  readonly event: EventEntry;
  readonly node: string;
}

export class EventDelivery {
  readonly #runId: string;
  readonly #sinks: readonly EventSink[];
  #arrived: Reported[] = [];
  #ofStep: Reported[] = [];
  #isScheduled = false;
  readonly #hasCanonical: boolean;
  /**
   * The attempt that counts, for each task of the open root step and of its inner runs. Kept only for canonical sinks.
   */
  readonly #doneAttempts = new Map<TaskKey, number>();

  constructor(runId: string, sinks: readonly EventSink[]) {
    this.#runId = runId;
    this.#sinks = sinks;
    this.#hasCanonical = sinks.some(({ order }) => order === 'canonical');
  }

  arrived(event: EventEntry, node: string, flush: () => Later<void>): void {
    this.#arrived.push({ event, node });
    if (this.#hasCanonical) this.#ofStep.push({ event, node });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // One turn later, so that everything a node reports in one go is one write.
    queueMicrotask(() => {
      this.#isScheduled = false;
      const hand = (): void => this.#handArrived();
      const durable = flush();
      if (durable === undefined) hand();
      // The run itself learns of a failing store. The event is not durable, so no sink gets it.
      else durable.then(hand, () => undefined);
    });
  }

  #handArrived(): void {
    const events = this.#arrived;
    this.#arrived = [];
    for (const sink of this.#sinks) if (sink.order !== 'canonical') this.#hand(sink, events);
  }

  /** This attempt of a task is done: its events are the ones that count. */
  attemptDone(task: TaskKey, attempt: number): void {
    if (this.#hasCanonical) this.#doneAttempts.set(task, attempt);
  }

  /** A step of the run itself is committed. */
  stepCommitted(): void {
    this.#handArrived();
    if (!this.#hasCanonical) return;
    const events = this.#ofStep
      .filter(({ event }) => isOfLastAttempts(event.at, this.#doneAttempts))
      .sort((left, right) => compareEntries(left.event, right.event));
    this.#ofStep = [];
    this.#doneAttempts.clear();
    for (const sink of this.#sinks) if (sink.order === 'canonical') this.#hand(sink, events);
  }

  #hand(sink: EventSink, events: readonly Reported[]): void {
    for (const { event, node } of events) {
      try {
        const { at: key, name, stream, ordinal, data } = event;
        const runId = this.#runId;
        aroundRuns(() => sink.deliver({ runId, key, node, name, stream, ordinal, data }));
      } catch (thrown) {
        // A sink is not part of the run. Its error goes where an uncaught error of its own would go.
        queueMicrotask(() => reportError(thrown));
      }
    }
  }
}

function reportError(thrown: unknown): void {
  process.emitWarning(`an event sink threw: ${String(thrown)}`, { code: 'REPRISE_SINK' });
}

function isOfLastAttempts(at: AttemptKey, lastAttempts: ReadonlyMap<TaskKey, number>): boolean {
  let end = at.length;
  while (end > 0) {
    const attempt = at.slice(0, end) as AttemptKey;
    if (lastAttempts.get(taskOfAttempt(attempt)) !== attemptNumber(attempt)) return false;
    end = attempt.lastIndexOf('/');
    if (end < 0) return true;
  }
  return true;
}
