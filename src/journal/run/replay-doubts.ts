// Why a run may not replay, as its notes say it.
import { compareCodeUnits } from '../../base/compare.ts';
import { oneLine } from '../../base/visible-text.ts';
import type { Entry, NoteEntry } from '../entry.ts';
import { redactRequest } from '../redact/redact.ts';

const reasonsMax = 20;
const reasonLengthMax = 300;

/** A note in one line, with credentials replaced. */
export function noteText({ node, message }: Pick<NoteEntry, 'node' | 'message'>): string {
  const text = oneLine(redactRequest(message) as string);
  const named = node === undefined ? text : `"${oneLine(node)}": ${text}`;
  return named.length <= reasonLengthMax ? named : `${named.slice(0, reasonLengthMax - 1)}…`;
}

/** Gathers the reasons of a run: each once, since how often something happened depends on timing. */
export class ReplayDoubts {
  readonly #reasons = new Set<string>();

  add(entry: Entry): void {
    if (entry.kind === 'note' && entry.mayNotReplay === true && this.#reasons.size <= reasonsMax)
      this.#reasons.add(noteText(entry));
  }

  /** In an order that no timing decides. */
  get reasons(): readonly string[] {
    const reasons = [...this.#reasons].sort(compareCodeUnits);
    return reasons.length <= reasonsMax ? reasons : [...reasons.slice(0, reasonsMax), 'and more'];
  }
}
