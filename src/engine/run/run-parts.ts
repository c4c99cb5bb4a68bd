// What one run is made of. Made complete in one place (host/make-run.ts) and never changed afterwards: each part owns its
// own state.
import type { RunEntry } from '../../journal/entry.ts';
import type { StepKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { EffectRef } from '../../journal/entry.ts';
import type { Arrival, ArrivalKind, Oracle } from '../../port/oracle.ts';
import type { ReaderGate } from '../../port/reader-gate.ts';
import type { SourcePaths } from '../../port/source-paths.ts';
import type { World } from '../../port/world.ts';
import type { EffectHistory } from '../../journal/step/effect-history.ts';
import type { Errands } from './errands.ts';
import type { EventDelivery } from './journal/event-delivery.ts';
import type { ExchangePool } from './exchange-pool.ts';
import type { Lingering } from './lingering.ts';
import type { Notes } from './notes.ts';
import type { QuestionDesk } from './question-desk.ts';
import type { ReachedLimits } from './reached-limits.ts';
import type { RestWatch } from './rest-watch.ts';
import type { RunInbox } from './run-inbox.ts';
import type { RunJournal } from './journal/run-journal.ts';
import type { RunOrder } from './order/run-order.ts';
import type { RunPace } from './run-pace.ts';
import type { RunSeed } from './run-seed.ts';
import type { RunStop } from './run-stop.ts';
import type { Slots } from './slots.ts';

export interface RunSettings {
  readonly maxBytes: number;
  readonly maxSteps: number;
  readonly maxTasks: number;
  /** How long a function that cleans up may take. */
  readonly cleanupMs: number;
  /** How long the run waits at its end for answers that its nodes have left behind. */
  readonly lateAnswersMs: number;
  /** Whether the journal survives the death of the process. */
  readonly isDurable: boolean;
}

export interface RunParts {
  readonly runId: string;
  /** The engine that drives it, as its effect sources know it. */
  readonly engine: object;
  /** The run's first entry, with the graph and the terms that it continues with. */
  readonly run: RunEntry;
  readonly seed: RunSeed;
  readonly settings: RunSettings;
  readonly clock: Clock;
  /** How stacks name files. */
  readonly paths: SourcePaths;
  readonly oracle: Oracle;
  readonly order: RunOrder;
  readonly pace: RunPace;
  readonly world: World;
  readonly journal: RunJournal;
  readonly stop: RunStop;
  readonly rest: RestWatch;
  readonly slots: Slots;
  readonly lingering: Lingering;
  /** What became of the effects of the open step. */
  readonly history: EffectHistory;
  /** Who resumed the run, if a name was given. */
  readonly decidedBy: string | undefined;
  readonly questions: QuestionDesk;
  readonly inbox: RunInbox;
  readonly limits: ReachedLimits;
  readonly events: EventDelivery | undefined;
  readonly notes: Notes;
  readonly pool: ExchangePool;
  /** Absent where all attempts are made by this process. */
  readonly errands: Errands | undefined;
  /** The reader of this process that the nodes wait for. */
  readonly readers: ReaderGate | undefined;
  /** For a resumed run, by step: how many inner steps its journal holds that do not run again. */
  readonly endedInnerSteps: ReadonlyMap<StepKey, number>;
}

type Deliverers = Pick<RunParts, 'oracle' | 'order' | 'stop'>;

/** What an arrival is about, as far as its kind and attempt do not say it. */
export type About = Pick<Arrival, 'effect' | 'place' | 'idempotencyKey'>;

/**
 * Something that no journal holds is ready to happen: the oracle decides when it does. If a bug in Reprise shows in what
 * follows, the run stops and is released with everything that its journal holds.
 */
export function arrive(parts: Deliverers, kind: ArrivalKind, at: string, deliver: () => unknown, about?: About): void {
  // Most runs follow nothing: then nothing is made for it.
  if (parts.order.followed.isOver) arriveNow(parts, kind, at, deliver, about);
  else arriveAfter(parts, kind, at, deliver, about);
}

function arriveAfter(parts: Deliverers, kind: ArrivalKind, at: string, deliver: () => unknown, about?: About): void {
  const { followed } = parts.order;
  const now = (): void => arriveNow(parts, kind, at, deliver, about);
  if (kind === 'timeout') followed.afterAll(now);
  else followed.after(now);
}

/** The same for something whose place in the recorded order has come. */
export function arriveNow(
  parts: Deliverers,
  kind: ArrivalKind,
  at: string,
  deliver: () => unknown,
  about?: About,
): void {
  parts.oracle.arrive(new Arriving(parts, kind, at, deliver, about));
}

/** Where the order is controlled, resolves when this may happen; elsewhere it may happen now. */
export function itsTurn(parts: Deliverers, kind: ArrivalKind, at: string, about?: About): Promise<void> | undefined {
  if (parts.oracle.isControlled !== true) return undefined;
  return new Promise((resolve) => arriveNow(parts, kind, at, resolve, about));
}

class Arriving implements Arrival {
  readonly kind: ArrivalKind;
  readonly at: string;
  readonly #parts: Deliverers;
  readonly #deliver: () => unknown;
  readonly #about: About | undefined;

  constructor(parts: Deliverers, kind: ArrivalKind, at: string, deliver: () => unknown, about: About | undefined) {
    this.#parts = parts;
    this.kind = kind;
    this.at = at;
    this.#deliver = deliver;
    this.#about = about;
  }

  get effect(): EffectRef | undefined {
    return this.#about?.effect;
  }
  get place(): number | string | undefined {
    return this.#about?.place;
  }
  get idempotencyKey(): string | undefined {
    return this.#about?.idempotencyKey;
  }

  deliver(): void {
    const { order, stop } = this.#parts;
    order.quiet.stir();
    try {
      this.#deliver();
    } catch (fault) {
      stop.fail('faulty', fault);
    }
  }
}
