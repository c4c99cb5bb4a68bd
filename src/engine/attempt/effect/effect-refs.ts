// Names the effects of one attempt, and numbers those that ask for the same.
import { sameValue } from '../../../base/equal.ts';
import { effectIdentity } from '../../../journal/effect-identity.ts';
import type { EffectRef } from '../../../journal/entry.ts';

/** An effect as a node asks for it. */
export type Asked = Omit<EffectRef, 'occurrence'>;

/** Up to this many are compared one by one. Beyond that, a digest of each is cheaper. */
const comparedCountMax = 64;

export class EffectRefs {
  readonly #asked: EffectRef[] = [];
  #countByIdentity: Map<string, number> | undefined;
  /** In call order. */
  #unnamed: LaterRef[] = [];

  add(asked: Asked): EffectRef {
    this.nameAll();
    return this.#add(asked);
  }

  /** For an effect that is sent before it is known what it asks for. Its place among its like is that of this call. */
  later(find: () => Asked): LaterRef {
    const later = new LaterRef(this, find);
    this.#unnamed.push(later);
    return later;
  }

  nameAll(): void {
    for (let next = this.#unnamed[0]; next !== undefined; next = this.#unnamed[0]) {
      next.name((asked) => this.#add(asked));
      this.#unnamed.shift();
    }
  }

  #add(asked: Asked): EffectRef {
    const ref: EffectRef = { ...asked, occurrence: this.#occurrence(asked) };
    this.#asked.push(ref);
    return ref;
  }

  #occurrence(asked: Asked): number {
    if (this.#asked.length >= comparedCountMax) return this.#occurrenceByIdentity(asked);
    let occurrence = 0;
    for (const earlier of this.#asked) if (isAlike(earlier, asked)) occurrence += 1;
    return occurrence;
  }

  #occurrenceByIdentity(asked: Asked): number {
    let counts = this.#countByIdentity;
    if (counts === undefined) {
      // References are in call order, so the last of an identity has the highest occurrence.
      counts = new Map(this.#asked.map((earlier) => [effectIdentity(earlier), earlier.occurrence + 1]));
      this.#countByIdentity = counts;
    }
    const identity = effectIdentity(asked);
    const before = counts.get(identity) ?? 0;
    counts.set(identity, before + 1);
    return before;
  }
}

/** A reference that is found when it is first needed. */
export class LaterRef {
  readonly #refs: EffectRefs;
  #find: (() => Asked) | undefined;
  #ref: EffectRef | undefined;

  constructor(refs: EffectRefs, find: () => Asked) {
    this.#refs = refs;
    this.#find = find;
  }

  get ref(): EffectRef {
    if (this.#ref === undefined) this.#refs.nameAll();
    return this.#ref as EffectRef;
  }

  name(add: (asked: Asked) => EffectRef): void {
    if (this.#find === undefined) return;
    this.#ref = add(this.#find());
    // It holds the request as its client made it.
    this.#find = undefined;
  }
}

function isAlike(earlier: EffectRef, asked: Asked): boolean {
  return (
    earlier.type === asked.type &&
    earlier.name === asked.name &&
    earlier.label === asked.label &&
    earlier.task === asked.task &&
    sameValue(earlier.request, asked.request)
  );
}
