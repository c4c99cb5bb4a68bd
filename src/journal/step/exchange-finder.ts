// Finds a recorded exchange for a request that its own attempt did not record: clients with queues of their own start a
// task's request in the context of another task, or after it.
import { sameValue } from '../../base/equal.ts';
import { isUnfinished, withoutBody } from '../http/http-request.ts';
import { requestDigest } from '../effect-identity.ts';
import type { EffectEntry, EffectRef, PooledEntry } from '../entry.ts';

type Exchange = EffectEntry | PooledEntry;

/** Exchanges in recorded order. Each is given once. */
export class ExchangeFinder<Entry extends Exchange> {
  readonly #byRequest = new Map<string, Entry[]>();
  readonly #used = new Set<Entry>();
  readonly #all: Entry[] = [];
  #hasUnfinished = false;

  constructor(entries: Iterable<Entry>) {
    for (const entry of entries) {
      if (entry.type !== 'http') continue;
      this.#all.push(entry);
      this.#hasUnfinished ||= isUnfinished(entry.request);
      const digest = requestDigest(entry.request);
      const alike = this.#byRequest.get(digest);
      if (alike === undefined) this.#byRequest.set(digest, [entry]);
      else alike.push(entry);
    }
  }

  /** The first equal one that is left and fits. */
  find(ref: EffectRef, fits: (entry: Entry) => boolean = () => true): Entry | undefined {
    if (ref.type !== 'http' || this.#byRequest.size === 0) return undefined;
    const mayGive = (entry: Entry): boolean => !this.#used.has(entry) && fits(entry);
    return this.#byRequest.get(requestDigest(ref.request))?.find(mayGive) ?? this.#findUnfinished(ref, mayGive);
  }

  /** A request that was not written to its end, here or there, is found by method and address. */
  #findUnfinished(ref: EffectRef, mayGive: (entry: Entry) => boolean): Entry | undefined {
    const isHere = isUnfinished(ref.request);
    if (!isHere && !this.#hasUnfinished) return undefined;
    const address = withoutBody(ref.request);
    return this.#all.find(
      (entry) =>
        (isHere || isUnfinished(entry.request)) && sameValue(withoutBody(entry.request), address) && mayGive(entry),
    );
  }

  /** Those that nothing has asked for. */
  get unused(): readonly Entry[] {
    return this.#all.filter((entry) => !this.#used.has(entry));
  }

  use(entry: Entry): void {
    this.#used.add(entry);
  }

  isUsed(entry: Entry): boolean {
    return this.#used.has(entry);
  }
}

export interface RestOfExchange {
  readonly entry: PooledEntry;
  /** Its place in the pool. */
  readonly place: number;
}

/** The pool of a run, as its journal holds it. */
export class PoolFinder {
  readonly #finder: ExchangeFinder<PooledEntry>;
  /** In the order in which they ended. */
  readonly #places: ReadonlyMap<PooledEntry, number>;

  constructor(pooled: readonly PooledEntry[]) {
    this.#finder = new ExchangeFinder(pooled);
    this.#places = new Map(pooled.map((entry, place) => [entry, place]));
  }

  /** What became of an exchange after its attempt had ended. */
  restOf({ at, occurrence, ...ref }: EffectEntry): RestOfExchange | undefined {
    const entry = this.#taken(
      this.#finder.find({ ...ref, occurrence }, (other) => other.at === at && other.occurrence === occurrence),
    );
    return entry === undefined ? undefined : { entry, place: this.#places.get(entry) ?? 0 };
  }

  take(ref: EffectRef, isWanted?: (entry: PooledEntry) => boolean): PooledEntry | undefined {
    return this.#taken(this.#finder.find(ref, isWanted));
  }

  /** Those of an attempt that nothing has asked for. */
  unusedOf(at: string): readonly PooledEntry[] {
    return this.#finder.unused.filter((entry) => entry.at === at);
  }

  #taken(entry: PooledEntry | undefined): PooledEntry | undefined {
    if (entry !== undefined) this.#finder.use(entry);
    return entry;
  }
}

/** Whether an exchange was still open when its attempt had ended: the pool holds the rest. */
export function isLeftOpen({ type, outcome }: EffectEntry): boolean {
  if (type !== 'http' || outcome.kind !== 'value') return false;
  const { value } = outcome;
  return typeof value === 'object' && value !== null && 'ended' in value && value.ended === 'open';
}
