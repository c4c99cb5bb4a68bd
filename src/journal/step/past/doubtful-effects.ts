// The effects of a step that have begun, and which of them are in doubt.
//   D1. An effect leaves this list where it is met and its past holds no doubt any more. So nobody has to take it out, and the
//       many thousand that are not in doubt cost nothing.
import type { EffectEntry, EffectRef } from '../../entry.ts';
import type { AttemptKey } from '../../key.ts';
import { likeIn, taskIn } from '../asked-in.ts';
import type { AskedIn } from '../asked-in.ts';
import { isOfLoser } from '../race.ts';
import type { Doubt, OpenPast } from './effect-past.ts';

export class DoubtfulEffects {
  /** Those that may be in doubt. Those that are alike but for their number stand together. */
  readonly #pasts = new Map<string, Set<OpenPast>>();
  readonly #begunIn = new Map<AttemptKey, OpenPast[]>();

  began(asked: AskedIn, past: OpenPast): void {
    const like = likeIn(asked);
    this.#pasts.set(like, (this.#pasts.get(like) ?? new Set()).add(past));
    const begun = this.#begunIn.get(asked.at);
    if (begun === undefined) this.#begunIn.set(asked.at, [past]);
    else begun.push(past);
  }

  /** All that are in doubt. */
  *all(): Generator<{ readonly past: OpenPast; readonly doubt: Doubt }> {
    for (const like of this.#pasts.keys()) yield* this.#inDoubt(like);
  }

  /** The first that is like this one, and was left in doubt by another attempt. */
  alike(asked: AskedIn): OpenPast | undefined {
    let first: OpenPast | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const { past, doubt } of this.#inDoubt(likeIn(asked))) {
      if (doubt.at === asked.at || doubt.ref.occurrence >= least) continue;
      first = past;
      least = doubt.ref.occurrence;
    }
    return first;
  }

  *#inDoubt(like: string): Generator<{ readonly past: OpenPast; readonly doubt: Doubt }> {
    const pasts = this.#pasts.get(like);
    for (const past of pasts ?? []) {
      const { doubt } = past;
      if (doubt === undefined) pasts?.delete(past);
      else yield { past, doubt };
    }
    if (pasts?.size === 0) this.#pasts.delete(like);
  }

  /** A race was decided. */
  raced(race: Pick<EffectEntry, 'at' | keyof EffectRef | 'outcome'>): void {
    for (const past of this.#begunIn.get(race.at) ?? []) {
      const { at, ref } = past.doubt ?? past.success ?? {};
      if (at === race.at && isOfLoser(race, at, ref?.task)) past.lostIn = at;
    }
    // What such a branch left in an earlier attempt it may never come to ask for. It is let go once somebody has decided about it.
    for (const { past, doubt } of this.all()) {
      if (doubt.decision === undefined || taskIn(doubt.at) !== taskIn(race.at)) continue;
      if (isOfLoser({ ...race, at: doubt.at }, doubt.at, doubt.ref.task)) past.lostIn = doubt.at;
    }
  }

  /** What stays in doubt, and is not performed again by itself, where an attempt of its task or around it ends like this. */
  leftAtEnd(at: AttemptKey, how: 'done' | 'failed' | 'timed out'): Doubt | undefined {
    const task = taskIn(at);
    for (const { past, doubt } of this.all()) {
      if (doubt.at === past.lostIn || !mustBeAskedFor(doubt)) continue;
      // What it began itself it has waited for; so have the attempts of an inner run that is done.
      if (how !== 'timed out' && doubt.at === at) continue;
      if (how === 'done' && doubt.at.startsWith(`${at}/`)) continue;
      // Somebody knows what became of it: as if that had been known before its attempt ended.
      if (doubt.decision !== undefined) continue;
      const asking = taskIn(doubt.at);
      if (asking === task || asking.startsWith(`${task}/`)) return doubt;
    }
    return undefined;
  }

  clear(): void {
    this.#pasts.clear();
    this.#begunIn.clear();
  }
}

/** Another process may have run other code. In this one, code that may be performed again may also do without. */
export function mustBeAskedFor({ isOld, onDoubt = 'retry' }: Doubt): boolean {
  return isOld === true || onDoubt !== 'retry';
}
