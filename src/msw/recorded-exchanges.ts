// The HTTP exchanges of a recorded run, told apart as a replay tells them apart, and each given once.
//   E1. Equal requests get their answers in the order in which they were asked for, whatever task asked.
//   E2. A fixture is untrusted: what is kept of it is bounded.
import { canonicalTextOf } from '../base/canonical-json.ts';
import { RepriseError } from '../base/error.ts';
import { noOptions } from '../base/options/option-shape.ts';
import type { Value } from '../base/value.ts';
import { firstDifference } from '../diff/value/value-difference.ts';
import type { EffectEntry, EffectRef, PooledEntry } from '../journal/entry.ts';
import { ExchangeFinder, PoolFinder, isLeftOpen } from '../journal/step/exchange-finder.ts';
import { recordedRules } from '../journal/http/request-rules.ts';
import type { RequestRules } from '../journal/run-facts.ts';
import { likeness } from '../base/likeness.ts';
import { RecordedRedaction } from '../replay/redaction/recorded-redaction.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';

export type Exchange = EffectEntry | PooledEntry;

export interface NearestRequest {
  readonly request: Value;
  /** Where it differs from the one that was asked; undefined if it is the same, and was given before. */
  readonly differsAt: string | undefined;
}

/** About the characters that requests and bodies may have in memory (E2). */
const keptMax = 256 * 1024 * 1024;

export class RecordedExchanges {
  readonly rules: RequestRules;
  readonly #exchanges: readonly Exchange[];
  readonly #finder: ExchangeFinder<Exchange>;
  readonly #isAlike: RecordedRedaction['isAlike'];

  /** @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown` */
  static async read(path: string, most = keptMax): Promise<RecordedExchanges> {
    using fixture = await openFixture(path);
    const size = new Size(path, most);
    const exchanges: EffectEntry[] = [];
    for (const { entries } of fixture.steps('all')) {
      const asked = entries.filter((entry): entry is EffectEntry => entry.kind === 'effect' && entry.type === 'http');
      for (const entry of asked.sort(byTime)) {
        size.add(entry);
        exchanges.push(entry);
      }
    }
    const pooled = fixture.pooled();
    for (const entry of pooled) size.add(entry);
    const rules = recordedRules(fixture.run, noOptions);
    return new RecordedExchanges(
      rules,
      withPool(exchanges, pooled),
      new RecordedRedaction(fixture.redaction).mayBeAlike,
    );
  }

  private constructor(rules: RequestRules, exchanges: readonly Exchange[], isAlike: RecordedRedaction['isAlike']) {
    this.rules = rules;
    this.#exchanges = exchanges;
    this.#finder = new ExchangeFinder(exchanges);
    this.#isAlike = isAlike;
  }

  /** The first that is left for this request. */
  take(request: Value): Exchange | undefined {
    const asked = refTo(request);
    const isAlike = this.#isAlike;
    const found =
      this.#finder.find(asked) ??
      (isAlike && this.#exchanges.find((entry) => !this.#finder.isUsed(entry) && isAlike(entry, asked)));
    if (found !== undefined) this.#finder.use(found);
    return found;
  }

  /** Undefined if the run asked for nothing. */
  nearest(request: Value): NearestRequest | undefined {
    let nearest: Value;
    let most = -1;
    for (const { request: recorded } of this.#exchanges) {
      const like = likeness(recorded, request);
      if (like > most) [most, nearest] = [like, recorded];
    }
    return most < 0 ? undefined : { request: nearest, differsAt: firstDifference(nearest, request, 'request')?.path };
  }
}

class Size {
  readonly #path: string;
  readonly #most: number;
  #sum = 0;

  constructor(path: string, most: number) {
    this.#path = path;
    this.#most = most;
  }

  add({ request, outcome }: Exchange): void {
    this.#sum += canonicalTextOf(request).length + (outcome.kind === 'value' ? bodyLength(outcome.value) : 0);
    if (this.#sum <= this.#most) return;
    throw new RepriseError('fixture-unreadable', `${this.#path} has more than ${this.#most} characters of HTTP`, {
      nextStep: 'Record a shorter run for this test.',
    });
  }
}

function bodyLength(answer: Value): number {
  const { body } = (answer ?? {}) as { readonly body?: Value };
  return typeof body === 'string' || body instanceof Uint8Array ? body.length : 0;
}

/** Stable: an order that was not observed stays the canonical one. */
function byTime(left: EffectEntry, right: EffectEntry): number {
  return left.observed.began - right.observed.began;
}

/** An exchange that outlived its attempt is whole in the pool of the run. */
function withPool(exchanges: readonly EffectEntry[], pooled: readonly PooledEntry[]): readonly Exchange[] {
  const pool = new PoolFinder(pooled);
  const rests = new Set<PooledEntry>();
  const whole = exchanges.map((entry): Exchange => {
    const rest = isLeftOpen(entry) ? pool.restOf(entry)?.entry : undefined;
    if (rest !== undefined) rests.add(rest);
    return rest ?? entry;
  });
  return [...whole, ...pooled.filter((entry) => entry.type === 'http' && !rests.has(entry))];
}

function refTo(request: Value): EffectRef {
  return { type: 'http', name: 'http', request, occurrence: 0 };
}
