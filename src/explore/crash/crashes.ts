// Dies at every write of a run and at every request that leaves, and compares what the next process makes of it with the
// same run when nothing dies.
//   C1. A death differs from none if the run then comes to something else, or to no end.
//   C2. A run that ends in doubt, because nobody may repeat what may have happened, does what it should.
import type { DeathsRung, SentTwice } from '../../report/explore/explore-facts.ts';
import { sameResult } from '../run/comparison.ts';
import type { Change, Exploration } from '../run/exploration.ts';
import { askedOf } from '../fault/asked-of.ts';
import { doubtIn } from '../fault/judgement.ts';
import { scheduleText } from '../schedule/schedule.ts';
import type { Death } from '../schedule/schedule.ts';
import { NodesOf } from '../run/uncontrolled.ts';
import type { CrashedRun } from './crashed-run.ts';

export interface CrashFound {
  readonly deaths: readonly Death[];
  readonly run: CrashedRun;
  readonly change: Change;
  readonly after: number;
}

export interface Crashed {
  readonly rung: DeathsRung;
  readonly found: CrashFound | undefined;
  /** What no death has touched. */
  readonly whole: CrashedRun;
}

/** `max`: how many deaths to try; without it, each one alone. */
export async function tryCrashes(exploration: Exploration, max: number | undefined): Promise<Crashed> {
  const crashes = new Crashes(exploration, await exploration.runFailing({}));
  const { single } = crashes;
  const chosen = max === undefined || max >= single.length ? single : spread(single, max);
  let found = await crashes.tryAll(chosen.map((death) => [death]));
  if (found === undefined && max !== undefined && max > single.length)
    found = await crashes.tryAll(crashes.twice.slice(0, max - single.length));
  return { rung: crashes.rung, found, whole: crashes.whole };
}

/** One schedule with deaths, as it was printed. */
export async function tryDeaths(exploration: Exploration, deaths: readonly Death[]): Promise<Crashed> {
  const crashes = new Crashes(exploration, await exploration.runFailing({}));
  const found = await crashes.tryAll([deaths]);
  return { rung: crashes.rung, found, whole: crashes.whole };
}

/** Each place where the process of a run may die. */
export function deathsIn(whole: CrashedRun): readonly Death[] {
  return [
    ...writesIn(whole).flatMap((write) => [
      { kind: 'write', when: 'before', write } as const,
      { kind: 'write', when: 'after', write } as const,
    ]),
    ...requestsIn(whole).map((event) => ({ kind: 'request', event }) as const),
  ];
}

function writesIn({ writes }: CrashedRun): readonly number[] {
  return Array.from({ length: writes }, (_, index) => index + 1);
}

function requestsIn({ sent }: CrashedRun): readonly string[] {
  return [...new Set(sent.map(({ event }) => event))];
}

class Crashes {
  readonly whole: CrashedRun;
  readonly #exploration: Exploration;
  readonly #tried: Death[] = [];
  readonly #inDoubt = new Map<string, string>();
  readonly #twice = new Map<string, SentTwice>();
  #triedCount = 0;
  #pairCount = 0;

  constructor(exploration: Exploration, whole: CrashedRun) {
    this.#exploration = exploration;
    this.whole = whole;
  }

  /** Each place where the process may die. */
  get single(): readonly Death[] {
    return deathsIn(this.whole);
  }

  /** The process that resumes dies as well: soon, then later. */
  get twice(): readonly (readonly Death[])[] {
    const after = (write: number): Death => ({ kind: 'write', when: 'after', write });
    return this.#writes.flatMap((gap) => this.#writes.map((write) => [after(write), after(write + gap)]));
  }

  get #writes(): readonly number[] {
    return writesIn(this.whole);
  }

  get #requests(): readonly string[] {
    return requestsIn(this.whole);
  }

  async tryAll(all: Iterable<readonly Death[]>): Promise<CrashFound | undefined> {
    for (const deaths of all) {
      if (this.#exploration.isStopped) return undefined;
      const run = await this.#exploration.runFailing({ deaths });
      // A death that did not come shows nothing.
      if (run.died < deaths.length) continue;
      this.#triedCount += 1;
      if (deaths.length === 1) this.#tried.push(...deaths);
      else this.#pairCount += 1;
      this.#see(run, deaths);
      const change = this.#changeOf(run);
      if (change !== undefined) return { deaths, run, change, after: this.#triedCount };
    }
    return undefined;
  }

  #changeOf(run: CrashedRun): Change | undefined {
    if (doubtIn(run, this.whole) !== undefined) return undefined;
    const { whole } = this;
    if (run.run === undefined) {
      if (whole.run === undefined) return undefined;
      return { kind: 'stuck', ...(run.refused === undefined ? {} : { message: run.refused }) };
    }
    const message = this.#exploration.brokenInvariant({ run: run.run, world: run.world });
    if (message !== undefined) return { kind: 'invariant', message };
    return sameResult(whole, run, this.#exploration.compare, this.#exploration.leeway(run))
      ? undefined
      : { kind: 'difference' };
  }

  #see(run: CrashedRun, deaths: readonly Death[]): void {
    const schedule = scheduleText({ base: 'fifo', holds: [], deaths, faults: [] });
    const doubt = doubtIn(run, this.whole);
    if (doubt !== undefined && !this.#inDoubt.has(doubt)) this.#inDoubt.set(doubt, schedule);
    const keys = new Map<string, string[]>();
    for (const { event, idempotencyKey } of run.sent) keys.set(event, [...(keys.get(event) ?? []), idempotencyKey]);
    const nodes = new NodesOf(this.whole.steps);
    for (const [event, sent] of keys) {
      const known = this.#twice.get(event);
      if (sent.length < 2 || known?.keys === 'different') continue;
      const different = [...new Set(sent)];
      const isSame = different.length === 1;
      if (known !== undefined && isSame) continue;
      const keysAre = isSame ? 'same' : 'different';
      const asked = askedOf(this.#exploration.recorded, event);
      const whose = { event, node: nodes.of(event), ...asked };
      this.#twice.set(event, { ...whose, keys: keysAre, idempotencyKeys: different, schedule });
    }
  }

  get rung(): DeathsRung {
    const requests = new Set(this.#tried.flatMap((death) => (death.kind === 'request' ? [death.event] : [])));
    const places = new Set(
      this.#tried.flatMap((death) => (death.kind === 'write' ? [`${death.when} ${death.write}`] : [])),
    );
    return {
      name: 'crashes',
      writes: this.whole.writes,
      requests: this.#requests.length,
      tried: {
        beforeWrites: count(places, 'before'),
        afterWrites: count(places, 'after'),
        requests: requests.size,
        twice: this.#pairCount,
      },
      sentTwice: [...this.#twice.values()],
      inDoubt: [...this.#inDoubt].map(([effect, schedule]) => ({ effect, schedule })),
    };
  }
}

function count(places: ReadonlySet<string>, when: string): number {
  return [...places].filter((place) => place.startsWith(when)).length;
}

/** So many of them, from the first to the last. */
function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as Item);
}
