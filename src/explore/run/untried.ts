// What no order of an exploration could bring earlier, since the recording does not hold it: answers that came after their
// attempt, or that it gave up, and timers that were left set. In another run of the same code each of them may come first.
import { fullAddressText } from '../../journal/address.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { EffectEntry, PooledEntry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { isLeftOpen } from '../../journal/step/exchange-finder.ts';
import { requestText } from '../../report/text/request-text.ts';
import type { Untried } from '../../report/explore/explore-facts.ts';
import type { ScheduledRun } from './run-once.ts';
import type { NodesOf } from './uncontrolled.ts';

export class UntriedEvents {
  readonly #known = new Map<string, { readonly at: string } & Omit<Untried, 'node'>>();
  /** Work of Node that runs beside what other attempts do, and matters only where they share something. */
  readonly #between = new Set<string>();

  see({ world, unfired, unordered, steps }: Pick<ScheduledRun, 'world' | 'unfired' | 'unordered' | 'steps'>): void {
    for (const [at, place] of unordered) {
      if (place === 'within') this.#known.set(at, { at, event: at, why: 'work' });
      else this.#between.add(at);
    }
    for (const [at, refs] of world.unheard())
      for (const ref of refs) {
        const event = fullAddressText(at, ref);
        const why = isGivenUp({ steps, pooled: world.pooled }, at, event) ? 'given up' : 'not recorded';
        this.#known.set(event, { at, event, what: requestText(ref), why });
      }
    for (const { key, attempt } of unfired) this.#known.set(key, { at: attempt.at, event: key, why: 'timer' });
  }

  get areAny(): boolean {
    return this.#known.size > 0;
  }

  get areAnyBetween(): boolean {
    return this.#between.size > 0;
  }

  /** `isProved`: no attempt sees another, so what lies between them does not matter. */
  list(nodes: NodesOf, isProved = true): readonly Untried[] {
    const between = isProved ? [] : [...this.#between].filter((at) => !this.#known.has(at));
    return [
      ...[...this.#known.values()].map(({ at, ...untried }) => ({ ...untried, node: nodes.of(at) })),
      ...between.map((at) => ({ event: at, why: 'work' as const, node: nodes.of(at) })),
    ];
  }
}

interface Exchanges {
  readonly steps: readonly CanonicalStep[];
  readonly pooled: readonly PooledEntry[];
}

/** Whether the node stopped the exchange itself, then or later, or its attempt had no more time. */
function isGivenUp({ steps, pooled }: Exchanges, at: AttemptKey, event: string): boolean {
  const isIt = (entry: EffectEntry | PooledEntry): boolean => fullAddressText(at, entry) === event;
  const entries = steps.flatMap((step) => step.entries.filter((entry) => entry.at === at));
  const effect = entries.find((entry) => entry.kind === 'effect' && isIt(entry));
  if (effect?.kind !== 'effect' || !isLeftOpen(effect)) return true;
  const rest = pooled.find((entry) => entry.at === at && isIt(entry));
  return rest?.outcome.kind === 'value' && Object(rest.outcome.value).ended === 'cancelled';
}
