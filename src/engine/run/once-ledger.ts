// Effects marked `once`, which must not happen twice: those of the open step, over all attempts of its tasks.
//   L1. A record is identified by its task (without the numbers of attempts, with the path inside the attempt), name,
//       label and place among its like. Not by its request, so that a further attempt that asks for something else is
//       detected.
//   L2. An effect that began and has no outcome is in doubt.
//   L3. An effect that has succeeded never begins again.
import { assert } from '../../base/assert.ts';
import { sameValue } from '../../base/equal.ts';
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import { formatAddress } from '../../journal/address.ts';
import type { BeginEntry, EffectEntry, EffectOutcome, Entry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';

interface Asked {
  readonly name: string;
  readonly label?: string;
  readonly task?: string;
  readonly request: Value;
}

interface OnceRecord {
  /** The attempt that asked for it last. */
  readonly at: string;
  readonly request: Value;
  readonly outcome: EffectOutcome | undefined;
}

/** One effect marked `once`, as an attempt asks for it. */
export interface OnceUse {
  /** The same in every attempt of the task. */
  readonly identity: string;
  /** Its value from an earlier attempt. @throws RepriseError `once-changed` */
  readonly value: Value | undefined;
  readonly isAnswered: boolean;
  readonly isInDoubt: boolean;
  begin(): void;
  settle(outcome: EffectOutcome): void;
}

export class OnceLedger {
  readonly #records = new Map<string, OnceRecord>();

  /** `openStep`: what a resumed run's journal holds of the step that was open. */
  constructor(openStep: readonly Entry[]) {
    const counts = new Map<string, number>();
    const places = new Map<string, string>();
    for (const entry of openStep) {
      if ((entry.kind !== 'begin' && entry.kind !== 'effect') || entry.once !== true) continue;
      const own = JSON.stringify([
        entry.at,
        entry.task,
        entry.name,
        entry.label ?? null,
        entry.request,
        entry.occurrence,
      ]);
      let identity = places.get(own);
      if (identity === undefined) {
        identity = this.#journaledIdentity(entry, counts);
        places.set(own, identity);
      }
      const outcome = entry.kind === 'effect' ? entry.outcome : undefined;
      this.#records.set(identity, { at: entry.at, request: entry.request, outcome });
    }
  }

  /** An effect that an earlier attempt completed takes a place among its like as well, but is not journaled again. */
  #journaledIdentity(entry: BeginEntry | EffectEntry, counts: Map<string, number>): string {
    for (;;) {
      const identity = this.#identity(entry.at, entry, counts);
      const record = this.#records.get(identity);
      if (record?.outcome?.kind !== 'value' || record.at === entry.at) return identity;
    }
  }

  /** `counts`: how often the asking attempt has asked for each effect. */
  use(at: AttemptKey, asked: Asked, counts: Map<string, number>): OnceUse {
    const identity = this.#identity(at, asked, counts);
    const record = this.#records.get(identity);
    const answered = record?.outcome?.kind === 'value' ? record.outcome : undefined;
    if (record !== undefined && answered !== undefined && !sameValue(record.request, asked.request)) {
      const { name, label, task } = asked;
      const address = formatAddress({
        at,
        ...(task === undefined ? {} : { task }),
        type: 'call',
        name,
        ...(label === undefined ? {} : { label }),
        occurrence: 0,
      });
      throw new RepriseError('once-changed', `${address} happened once already, with another request`, {
        nextStep: 'Ask for an effect marked `once` with the same request in every attempt: put no new draws into it.',
        fields: { recorded: record.request, asked: asked.request },
      });
    }
    return {
      identity,
      value: answered?.value,
      // What this attempt itself did before a crash is answered from the journal.
      isAnswered: answered !== undefined && record?.at !== at,
      isInDoubt: record !== undefined && record.outcome === undefined,
      begin: () => {
        assert(this.#records.get(identity)?.outcome?.kind !== 'value', 'L3: an effect that has succeeded begins again');
        this.#records.set(identity, { at, request: asked.request, outcome: undefined });
      },
      settle: (outcome) => {
        this.#records.set(identity, { at, request: asked.request, outcome });
      },
    };
  }

  /** A step of the run is committed: none of its tasks gets a further attempt. */
  clear(): void {
    if (this.#records.size > 0) this.#records.clear();
  }

  #identity(at: string, { name, label, task }: Omit<Asked, 'request'>, counts: Map<string, number>): string {
    const inTask = task === undefined ? [] : [task];
    const like = JSON.stringify([at, name, label ?? null, ...inTask]);
    const place = counts.get(like) ?? 0;
    counts.set(like, place + 1);
    return JSON.stringify([at.replaceAll(/#\d+/g, ''), name, label ?? null, place, ...inTask]);
  }
}
