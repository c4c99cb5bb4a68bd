// Which versions of its graph have driven a run, and from which step on each did.
//   D1. Another declared graph is known by the edit that brought it. Of other code alone, only a resume with `force` tells.
import type { Entry } from '../entry.ts';

/** The `what` of the note that a resume with `force` leaves, at the step that was open. */
export const forcedResumeNote = 'resumed-by-force';

interface DrivenFrom {
  readonly step: number;
  readonly fingerprint: string;
}

/**
 * Whether a step was made by another version than the one that is asked about: its graph was another, or its code may have
 * been.
 */
export type MadeBy = 'another graph' | 'perhaps other code' | undefined;

export class DrivenVersions {
  #from: DrivenFrom[] = [];

  add(entry: Entry): void {
    if (entry.kind === 'run') this.#from = [{ step: 0, fingerprint: entry.fingerprint }];
    else if (entry.kind === 'edit' && entry.fingerprint !== undefined)
      this.#from.push({ step: Number.parseInt(entry.at, 10) + 1, fingerprint: entry.fingerprint });
    else if (entry.kind === 'note' && entry.what === forcedResumeNote) {
      const step = Number.parseInt(entry.at, 10);
      this.#from.push({ step, fingerprint: this.#at(step)?.fingerprint ?? '' });
    }
  }

  get areSeveral(): boolean {
    return this.#from.length > 1;
  }

  fingerprintAt(step: number): string | undefined {
    return this.#at(step)?.fingerprint;
  }

  /** Who made a step, seen from the graph with this fingerprint. */
  madeBy(step: number, fingerprint: string): MadeBy {
    if (!this.areSeveral) return undefined;
    if (this.fingerprintAt(step) !== fingerprint) return 'another graph';
    return this.#from.filter((version) => version.fingerprint === fingerprint).length > 1
      ? 'perhaps other code'
      : undefined;
  }

  /** Whether this graph has driven any part of it. */
  hasBeenDrivenBy(fingerprint: string): boolean {
    return this.#from.some((version) => version.fingerprint === fingerprint);
  }

  #at(step: number): DrivenFrom | undefined {
    return this.#from
      .filter(({ step: first }) => first <= step)
      .reduce<DrivenFrom | undefined>(
        (last, version) => (last === undefined || version.step >= last.step ? version : last),
        undefined,
      );
  }
}
