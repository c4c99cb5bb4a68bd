// The races of a run that has no recording. Who won is a decision of the world, so all runs have the winners of the first.
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { effectIdentity } from '../../journal/effect-identity.ts';
import type { EffectEntry, EffectRef } from '../../journal/entry.ts';
import { LostBranches, racesIn } from '../../journal/step/race.ts';
import type { Answer } from '../../port/world.ts';
import { raceAnswer } from '../../replay/world/answer-of.ts';

interface RacingAttempt {
  readonly effects: readonly EffectEntry[];
  readonly lost: LostBranches;
}

export class KeptRaces {
  readonly #attempts = new Map<string, RacingAttempt>();

  /** `steps`: those of the first run. */
  constructor(steps: readonly CanonicalStep[]) {
    for (const { entries } of steps)
      for (const { at } of racesIn(entries)) {
        if (this.#attempts.has(at)) continue;
        const effects = entries.filter((entry): entry is EffectEntry => entry.kind === 'effect' && entry.at === at);
        this.#attempts.set(at, { effects, lost: new LostBranches(effects) });
      }
  }

  get hasAny(): boolean {
    return this.#attempts.size > 0;
  }

  /** `answer`: what the outside would say, which for a loser is nothing beyond what it had got. */
  answer(at: string, ref: EffectRef, answer: Answer): Answer {
    const attempt = this.#attempts.get(at);
    if (attempt === undefined || ref.type === 'now') return answer;
    const { effects, lost } = attempt;
    if (ref.type !== 'race' && !lost.has(ref.task)) return answer;
    const known = effects.find((effect) => isSame(effect, ref));
    if (ref.type === 'race') return known === undefined ? answer : raceAnswer(known, effects);
    return known === undefined ? { kind: 'silent' } : answer;
  }
}

function isSame(effect: EffectRef, ref: EffectRef): boolean {
  return effect.occurrence === ref.occurrence && effectIdentity(effect) === effectIdentity(ref);
}
