// What no order of an exploration could bring earlier, since the recording does not hold it: answers that came after their
// attempt, or that it gave up, and timers that were left set. In another run of the same code each of them may come first.
import { fullAddressText } from '../journal/address.ts';
import { askedText } from '../report/asked-text.ts';
import type { Untried } from '../report/explore-facts.ts';
import type { ScheduledRun } from './run-once.ts';
import type { NodesOf } from './uncontrolled.ts';

export class UntriedEvents {
  readonly #known = new Map<string, { readonly at: string } & Omit<Untried, 'node'>>();

  see({ world, unfired }: Pick<ScheduledRun, 'world' | 'unfired'>): void {
    for (const [at, refs] of world.unheard())
      for (const ref of refs) {
        const event = fullAddressText(at, ref);
        this.#known.set(event, { at, event, what: askedText(ref), why: 'not recorded' });
      }
    for (const { key, attempt } of unfired) this.#known.set(key, { at: attempt.at, event: key, why: 'timer' });
  }

  get areAny(): boolean {
    return this.#known.size > 0;
  }

  list(nodes: NodesOf): readonly Untried[] {
    return [...this.#known.values()].map(({ at, ...untried }) => ({ ...untried, node: nodes.of(at) }));
  }
}
