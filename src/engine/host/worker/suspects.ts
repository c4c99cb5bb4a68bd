// Runs whose processes died several times in a row before they wrote anything new. One of them may be what kills, and the
// others were only beside it, so they are begun one at a time and with nothing else: the count of those that do no harm
// starts again with the first thing that they write, and only that of the culprit grows.
//   S1. While a suspect has written nothing new, a worker of this engine begins no other run. What it drives already stays.
//   S2. What a worker has taken and does not begin is given back: if the process dies, that was no takeover of it.
//   S3. So is what a claim finds that was under way when the engine closed, before its store is closed.
import type { ActiveRuns } from '../active-runs.ts';
import type { Owner } from '../owner.ts';
import type { RunTurns } from '../run-turns.ts';
import { dueRuns, givenBack } from './due-runs.ts';
import type { DueSetup, FoundDue } from './due-runs.ts';

/** So many deaths in a row make a run suspect, or as many as it may have at all. */
const suspectFrom = 3;

export class Suspects {
  readonly #owner: Owner;
  readonly #least: number;
  readonly #active: ActiveRuns;
  readonly #turns: RunTurns;
  readonly #rounds = new Set<Promise<unknown>>();
  #alone: string | undefined;
  #isClosed = false;

  constructor(owner: Owner, maxTakeovers: number, active: ActiveRuns, turns: RunTurns) {
    this.#owner = owner;
    this.#least = Math.max(1, Math.min(suspectFrom, maxTakeovers));
    this.#active = active;
    this.#turns = turns;
  }

  /** Begins those of the due runs that are to be begun now. */
  async due<Begun>(setup: Omit<DueSetup, 'owner'>, begin: (due: FoundDue) => Begun): Promise<readonly Begun[]> {
    const round = this.#found(setup).then((found) => found.map(begin));
    this.#rounds.add(round);
    return round.finally(() => this.#rounds.delete(round));
  }

  /** Nothing more is begun. Resolves when nothing is claimed any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#rounds);
  }

  async #found(setup: Omit<DueSetup, 'owner'>): Promise<readonly FoundDue[]> {
    if (this.#isOneAlone()) return [];
    const found = await dueRuns({ ...setup, owner: this.#owner });
    if (!this.#isClosed) return this.#begunOf(found);
    await this.#giveBack(found);
    return [];
  }

  /** Whether a suspect is driven that has written nothing new. */
  #isOneAlone(): boolean {
    const runId = this.#alone;
    if (runId === undefined) return false;
    const isUnproven = this.#turns.of(runId) !== undefined || this.#active.get(runId)?.hasProgressed() === false;
    if (!isUnproven) this.#alone = undefined;
    return isUnproven;
  }

  /** What is to be begun of the runs that were found: all, or one suspect, those that died least often first. */
  async #begunOf(found: readonly FoundDue[]): Promise<readonly FoundDue[]> {
    const [first] = found
      .filter((run) => deathsOf(run) >= this.#least)
      .sort((one, other) => deathsOf(one) - deathsOf(other));
    if (first === undefined) return found;
    this.#alone = first.runId;
    await this.#giveBack(found.filter(({ runId }) => runId !== first.runId));
    return [first];
  }

  async #giveBack(found: readonly FoundDue[]): Promise<void> {
    for (const { claimed } of found) if (claimed !== undefined) await givenBack(this.#owner, claimed);
  }
}

function deathsOf({ claimed }: FoundDue): number {
  return claimed?.lease.takeovers ?? 0;
}
