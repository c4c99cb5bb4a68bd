// A store that keeps marks in place of what a user's rules name. Credentials in requests never reach any store; this is for
// what else must not lie on a disk in plain text.
import { canonicalTextOf } from '../base/canonical-json.ts';
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import type { Value } from '../base/value.ts';
import type { RunCheckpoint } from '../journal/run/checkpoint.ts';
import type { Entry, RunEntry } from '../journal/entry.ts';
import { markNumbers } from '../journal/redact/mark.ts';
import { redactValue } from '../journal/redact/redact.ts';
import { NamedMarks } from '../journal/redact/redaction-marks.ts';
import { redactKinds } from '../journal/redact/rule/redact-option.ts';
import { below } from '../journal/redact/rule/place.ts';
import { mapPlaced } from '../journal/redact/rule/placed-values.ts';
import { redactionRules } from '../journal/redact/rule/redaction-rules.ts';
import type { RedactOptions, RedactionRules } from '../journal/redact/rule/redaction-rules.ts';
import type { Message } from '../port/inbox.ts';
import type { Claim, DueQuery, Lease, Queue, RunStore, SharedJournal } from '../port/store.ts';
import { scrubbed } from './scrub-runs.ts';

export const redactStoreOptions = optionShape<RedactOptions>('redactStore', redactKinds);

/**
 * The same store, which keeps marks in place of what the rules find: in requests, answers, states, outputs, events, errors and
 * messages.
 *
 * The process that runs a node sees everything. What it costs is the resume: a run that another process takes over continues
 * with the marks, so a mail goes to `person-1@redacted.invalid`. Use it for runs that are not resumed, or for values that nodes
 * only pass on; for everything else encrypt the store with a `codec`.
 *
 * @throws RepriseError `option-invalid`
 */
export function redactStore<Store extends RunStore>(store: Store, redact: RedactOptions): Store {
  checkOptions(redactStoreOptions, redact);
  const redacted: Readonly<Record<string, unknown>> = methodsOf(new RedactedRuns(store, redactionRules(redact)), store);
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const own = typeof name === 'string' && Object.hasOwn(redacted, name) ? redacted[name] : undefined;
      return own ?? (member.bind(target) as unknown);
    },
  });
}

function methodsOf(runs: RedactedRuns, store: RunStore): Readonly<Record<string, unknown>> {
  const claimDue = store.claimDue?.bind(store);
  return {
    create: (run: RunEntry, first?: readonly Entry[], owner?: Claim | Queue) =>
      store.create(runs.begin(run), first === undefined ? first : runs.entries(run.observed.runId, first), owner),
    fork: (run: RunEntry, shared: SharedJournal, more: readonly Entry[], claim?: Claim) =>
      store.fork?.(runs.begin(run), shared, runs.entries(run.observed.runId, more), claim),
    take: async (runId: string, claim?: Claim) => {
      await runs.continue(runId);
      return store.take(runId, claim);
    },
    ...(claimDue === undefined
      ? {}
      : {
          claimDue: async (query: DueQuery) => {
            const claimed = await claimDue(query);
            for (const { lease } of claimed) await runs.continue(lease.runId);
            return claimed;
          },
        }),
    append: (lease: Lease, entries: readonly Entry[], checkpoint?: () => RunCheckpoint, place?: number) =>
      store.append(
        lease,
        runs.entries(lease.runId, entries),
        checkpoint === undefined ? checkpoint : () => runs.checkpoint(lease.runId, checkpoint()),
        place,
      ),
    send: (runId: string, message: Message, last?: number) => store.send(runId, runs.message(runId, message), last),
    requestCancel: (runId: string, reason: Value) => store.requestCancel(runId, runs.value(runId, reason)),
  };
}

class RedactedRuns {
  readonly #store: RunStore;
  readonly #rules: RedactionRules;
  readonly #marks = new Map<string, NamedMarks>();

  constructor(store: RunStore, rules: RedactionRules) {
    this.#store = store;
    this.#rules = rules;
  }

  begin(run: RunEntry): RunEntry {
    return scrubbed(run, this.#of(run.observed.runId)) as RunEntry;
  }

  /** Marks that the run holds already keep their numbers: new secrets get others. */
  async continue(runId: string): Promise<void> {
    if (this.#marks.has(runId)) return;
    let numberBefore = 0;
    for await (const { observed: _observed, ...entry } of this.#store.read(runId))
      numberBefore = Math.max(numberBefore, ...markNumbers(canonicalTextOf(entry as unknown as Value)));
    this.#marks.set(runId, new NamedMarks(this.#rules, numberBefore));
  }

  entries(runId: string, entries: readonly Entry[]): readonly Entry[] {
    const marks = this.#of(runId);
    const redacted = entries.map((entry) => scrubbed(entry, marks));
    if (entries.at(-1)?.kind === 'end') this.#marks.delete(runId);
    return redacted;
  }

  checkpoint(runId: string, checkpoint: RunCheckpoint): RunCheckpoint {
    const marks = this.#of(runId);
    const state = mapPlaced(checkpoint.state, below(this.#rules.places, 'state'), (leaf, paths) =>
      marks.hide(leaf, paths),
    );
    return redactValue({ ...checkpoint, state } as unknown as Value, marks) as unknown as RunCheckpoint;
  }

  message(runId: string, message: Message): Message {
    return redactValue(message as unknown as Value, this.#of(runId)) as unknown as Message;
  }

  value(runId: string, value: Value): Value {
    return redactValue(value, this.#of(runId));
  }

  #of(runId: string): NamedMarks {
    let marks = this.#marks.get(runId);
    if (marks === undefined) {
      marks = new NamedMarks(this.#rules);
      this.#marks.set(runId, marks);
    }
    return marks;
  }
}
