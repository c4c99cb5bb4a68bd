// Settles before a comparison what it leaves out: at ignored paths, the replayed value counts as the recorded one.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';
import type { AttemptResult, CommitEntry, Entry, Patch, Route, TaskSpec } from '../../journal/entry.ts';
import type { CompareSettings } from './compare-settings.ts';
import { settledAt, settledPatch, valuePath } from './value-path.ts';
import type { Settle, ValuePath } from './value-path.ts';

/** How much was not compared. */
export interface LeftOutCounts {
  /** Values that differed at an ignored path. */
  readonly ignored: readonly { readonly path: string; readonly why: string; readonly count: number }[];
  /** Numbers that differed within their tolerance. */
  readonly tolerated: number;
  /** Where such numbers are. */
  readonly toleratedAt?: readonly string[];
  /** Divergences of kinds that are not compared. */
  readonly ofOtherKinds: number;
  /** The first of them that what is compared may follow from: `output 1.0#1 delta.notes`. */
  readonly otherKinds?: readonly string[];
}

const noChange: Patch = Object.freeze({ kind: 'record', changed: {}, removed: [] });

interface Rule extends ValuePath {
  readonly settle: Settle;
}

export class LeftOut {
  readonly #rules: readonly Rule[];
  readonly #ignored: readonly { readonly path: string; readonly why: string; count: number }[];
  #tolerated = 0;
  readonly #toleratedAt = new Set<string>();

  constructor({ ignore = [], tolerance = [] }: CompareSettings) {
    this.#ignored = ignore.map(({ path, why }) => ({ path, why, count: 0 }));
    const ignoring = this.#ignored.map((ignored): Rule => {
      const settle: Settle = (recorded, replayed) => {
        if (!sameValue(recorded, replayed)) ignored.count += 1;
        return recorded;
      };
      return { ...(valuePath(ignored.path) as ValuePath), settle };
    });
    const tolerating = tolerance.map(({ path, within }): Rule => {
      const settle: Settle = (recorded, replayed) => {
        if (typeof recorded !== 'number' || typeof replayed !== 'number' || Object.is(recorded, replayed))
          return replayed;
        if (!(Math.abs(recorded - replayed) <= within)) return replayed;
        this.#tolerated += 1;
        this.#toleratedAt.add(path);
        return recorded;
      };
      return { ...(valuePath(path) as ValuePath), settle };
    });
    this.#rules = [...ignoring, ...tolerating];
  }

  /** Undefined if everything is compared. */
  counts(ofOtherKinds: number, otherKinds: readonly string[] = []): LeftOutCounts | undefined {
    const ignored = this.#ignored.filter(({ count }) => count > 0).map((each) => ({ ...each }));
    if (ignored.length === 0 && this.#tolerated === 0 && ofOtherKinds === 0) return undefined;
    return {
      ignored,
      tolerated: this.#tolerated,
      ...(this.#toleratedAt.size === 0 ? {} : { toleratedAt: [...this.#toleratedAt] }),
      ofOtherKinds,
      ...(otherKinds.length === 0 ? {} : { otherKinds }),
    };
  }

  /** The replayed entries of a step as they are compared. */
  settled(recorded: readonly Entry[], replayed: readonly Entry[]): readonly Entry[] {
    if (this.#rules.length === 0) return replayed;
    const partners = new Map(recorded.map((entry) => [entryIdentity(entry), entry]));
    return replayed.map((entry) => {
      const partner = partners.get(entryIdentity(entry));
      return partner === undefined ? entry : this.#entry(partner, entry);
    });
  }

  #entry(recorded: Entry, replayed: Entry): Entry {
    if (recorded.kind === 'outcome' && replayed.kind === 'outcome')
      return { ...replayed, result: this.result(recorded.result, replayed.result) };
    if (recorded.kind === 'commit' && replayed.kind === 'commit') return this.#commit(recorded, replayed);
    if (recorded.kind === 'chunk' && replayed.kind === 'chunk')
      return {
        ...replayed,
        deltas: replayed.deltas.map((delta, index) => this.#value('state', recorded.deltas[index], delta)),
      };
    if (recorded.kind === 'event' && replayed.kind === 'event')
      return { ...replayed, data: this.#value('event', recorded.data, replayed.data) };
    return replayed;
  }

  result(recorded: AttemptResult, replayed: AttemptResult): AttemptResult {
    if (recorded.status !== 'done' || replayed.status !== 'done') return replayed;
    const { delta, routes } = replayed;
    return {
      ...replayed,
      ...(delta === undefined ? {} : { delta: this.#value('state', recorded.delta, delta) }),
      ...(routes === undefined ? {} : { routes: this.#inputs(recorded.routes ?? [], routes) }),
    };
  }

  /** A whole state, where a replay continues from the recorded one. */
  state(recorded: Value, replayed: Value): Value {
    return this.#value('state', recorded, replayed);
  }

  #commit(recorded: CommitEntry, replayed: CommitEntry): CommitEntry {
    const { input, patch: before, frontier, ...rest } = replayed;
    const patch = this.#patch(recorded.patch, before);
    return {
      ...rest,
      frontier: this.#inputs(recorded.frontier, frontier),
      ...(input === undefined ? {} : { input: this.#value('state', recorded.input, input) }),
      ...(patch === undefined ? {} : { patch }),
    };
  }

  /** A patch that is absent changes nothing. */
  #patch(recorded: Patch | undefined, replayed: Patch | undefined): Patch | undefined {
    const rules = this.#rules.filter(({ root }) => root === 'state');
    if (rules.length === 0 || (recorded === undefined && replayed === undefined)) return replayed;
    const patch = rules.reduce(
      (settled, { steps, settle }) => settledPatch(steps, recorded ?? noChange, settled, settle),
      replayed ?? noChange,
    );
    const isEmpty = patch.kind === 'record' && Object.keys(patch.changed).length + patch.removed.length === 0;
    return isEmpty && recorded === undefined ? undefined : patch;
  }

  #inputs<Task extends TaskSpec | Route>(recorded: readonly Task[], replayed: readonly Task[]): readonly Task[] {
    return replayed.map((task, index) => {
      const partner = recorded[index];
      if (partner === undefined || !('input' in partner) || !('input' in task)) return task;
      return { ...task, input: this.#value('input', partner.input, task.input) };
    });
  }

  #value(root: ValuePath['root'], recorded: Value, replayed: Value): Value {
    let settled = replayed;
    for (const rule of this.#rules)
      if (rule.root === root) settled = settledAt(rule.steps, recorded, settled, rule.settle);
    return settled;
  }
}
