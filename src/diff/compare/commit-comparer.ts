// Compares the results of the steps of one scope in both runs: the state, and the frontier.
//   C1. A state follows from an output that differs in the same field, and a frontier from a route; otherwise, both
//       follow from an earlier difference.
//   C2. Once a replay has continued from a recorded state, its own states are in the facts; the fold of its journal no
//       longer gives them.
import type { Value } from '../../base/value.ts';
import type { CommitEntry } from '../../journal/entry.ts';
import type { StepKey } from '../../journal/key.ts';
import { compareAhead } from './compare-frontier.ts';
import type { Ahead } from './compare-frontier.ts';
import { StateComparer } from './compare-state.ts';
import type { StateDifference, States } from './compare-state.ts';
import type { Comparing, Indexes } from './comparing.ts';
import type { Divergence } from '../divergence.ts';
import type { ScopeFold, StepChange } from './scope-fold.ts';
import { keyPath } from '../value/value-difference.ts';

const writersShownMax = 5;

export class CommitComparer {
  readonly #comparing: Comparing;
  readonly #recorded: ScopeFold;
  readonly #replayed: ScopeFold;
  readonly #states: StateComparer;
  #stateCause: number | undefined;
  /** Divergences in what the last commit passed on: those in payloads, by recorded rank. */
  readonly #payloadCauses = new Map<number, number>();
  /** The first divergence in what the last commit passed on. */
  #frontierCause: number | undefined;
  #isRebased = false;

  constructor(comparing: Comparing, recorded: ScopeFold, replayed: ScopeFold) {
    this.#comparing = comparing;
    this.#recorded = recorded;
    this.#replayed = replayed;
    this.#states = new StateComparer(recorded, replayed);
  }

  /** The divergence in what a task of the next step was given: its payload, or the state. */
  causeOfTask(recordedRank: number): number | undefined {
    return earliest(this.#payloadCauses.get(recordedRank), this.#standingStateCause);
  }

  /** What already differs before the next step is compared. */
  get standingCause(): number | undefined {
    return earliest(this.#frontierCause, this.#standingStateCause);
  }

  get #standingStateCause(): number | undefined {
    return this.#states.isDiffering ? this.#stateCause : undefined;
  }

  /** Compares both commits of a step and advances past them. `from` is where the step begins in the log. */
  *add(indexes: Indexes, left: CommitEntry, right: CommitEntry, from: number): Generator<undefined, void> {
    const { log, facts } = this.#comparing;
    const at = this.#recorded.at;
    const computed = facts.steps.get(this.#replayed.at);
    const recorded = yield* this.#recorded.advance(indexes.recorded, left);
    const replayed = yield* this.#replayed.advance(indexes.replayed, right);
    const wasDiffering = this.#states.isDiffering;
    for (const { field, ...found } of this.#stateDifferences(recorded, replayed, computed)) {
      const place = log.length;
      const writers = writersText(recorded, field) || writersText(replayed, field);
      const detail = writers === '' ? {} : { detail: `written by ${writers}` };
      log.add({ at }, [{ kind: 'state', ...found, ...detail }], this.#causeOfState(at, field, from));
      if (!wasDiffering) this.#stateCause = Math.min(this.#stateCause ?? place, place);
    }
    if (!this.#states.isDiffering) this.#stateCause = undefined;
    yield* this.#ahead(
      at,
      { commit: left, graph: this.#recorded.graph, entries: indexes.recorded.entries },
      { commit: computed?.commit ?? right, graph: this.#replayed.graph, entries: indexes.replayed.entries },
      from,
    );
  }

  /** Both committed the same: fields that differ may be equal again, and nothing else changes. */
  pass(commit: CommitEntry, deltas: readonly Value[]): void {
    this.#recorded.pass(commit, deltas);
    this.#replayed.pass(commit, deltas);
    this.#payloadCauses.clear();
    this.#frontierCause = undefined;
    if (!this.#states.isDiffering) return;
    const change = { deltas, patch: commit.patch };
    this.#states.add(change, change, this.#foldedStates());
    if (!this.#states.isDiffering) this.#stateCause = undefined;
  }

  /** The state of one run was changed from outside after this commit, or differently in both. */
  edited(at: StepKey): void {
    const { log } = this.#comparing;
    const wasDiffering = this.#states.isDiffering;
    const place = log.length;
    const states = { recorded: this.#recorded.state, replayed: this.#replayed.state };
    for (const { field: _field, ...found } of this.#states.edited(states))
      log.add({ at }, [{ kind: 'state', ...found, isEdited: true }]);
    if (!wasDiffering && log.length > place) this.#stateCause = place;
    if (!this.#states.isDiffering) this.#stateCause = undefined;
  }

  #stateDifferences(
    recorded: StepChange,
    replayed: StepChange,
    computed: { readonly state: Value } | undefined,
  ): readonly StateDifference[] {
    if (computed !== undefined) {
      this.#isRebased = true;
      const states = { recorded: this.#recorded.state, replayed: computed.state };
      return new StateComparer(this.#recorded, this.#replayed).edited(states);
    }
    if (this.#isRebased) return [];
    return this.#states.add(recorded, replayed, this.#foldedStates());
  }

  /** Folded only if they are read. */
  #foldedStates(): States {
    const folds = { recorded: this.#recorded, replayed: this.#replayed };
    return {
      get recorded() {
        return folds.recorded.state;
      },
      get replayed() {
        return folds.replayed.state;
      },
    };
  }

  *#ahead(at: string, left: Ahead, right: Ahead, from: number): Generator<undefined, void> {
    const { log } = this.#comparing;
    const found = yield* compareAhead(left, right);
    const cause = this.#causeOfAhead(at, from);
    this.#payloadCauses.clear();
    this.#frontierCause = found.length === 0 ? undefined : log.length;
    for (const { rank, ...difference } of found) {
      if (rank !== undefined) this.#payloadCauses.set(rank, log.length);
      log.add({ at }, [difference], cause);
    }
  }

  #causeOfState(at: string, field: string, from: number): number | undefined {
    const { log } = this.#comparing;
    const isOfField = ({ kind, path }: Divergence): boolean =>
      kind === 'output' && (field === '' || path === 'delta' || path === 'input' || isBelow(path, field));
    const isOwn = ownOf(at);
    return (
      log.find(from, (found) => isOwn(found) && isOfField(found)) ??
      log.find(from, (found) => isOwn(found) && found.kind === 'error') ??
      this.standingCause
    );
  }

  #causeOfAhead(at: string, from: number): number | undefined {
    const { log } = this.#comparing;
    const isOwn = ownOf(at);
    for (const kind of ['route', 'error', 'state'] as const) {
      const place = log.find(from, (found) => isOwn(found) && found.kind === kind);
      if (place !== undefined) return place;
    }
    return this.standingCause;
  }
}

/** The earlier of two places in the log. */
export function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** Whether a divergence belongs to this step's own scope rather than to an inner run. */
function ownOf(step: string): (divergence: Divergence) => boolean {
  const depth = depthOf(step);
  return ({ at }) => depthOf(at) === depth;
}

function depthOf(key: string): number {
  return key.split('/').length;
}

function isBelow(path: string, field: string): boolean {
  return ['delta', 'input'].some((root) => {
    const prefix = root + keyPath(field);
    return path.startsWith(prefix) && ['', '.', '['].includes(path.charAt(prefix.length));
  });
}

function writersText({ writers }: StepChange, field: string): string {
  const own = writers.filter(
    ({ delta }) => field === '' || (typeof delta === 'object' && delta !== null && Object.hasOwn(delta, field)),
  );
  const shown = own.slice(0, writersShownMax).map(({ node, task }) => `"${node}" (${task})`);
  return shown.join(', ') + (own.length > writersShownMax ? ` and ${own.length - writersShownMax} more` : '');
}
