// One attempt of a journal, indexed by effect. What it holds answers the same attempt when it runs again.
import { sameValue } from '../../base/equal.ts';
import { effectIdentity } from '../effect-identity.ts';
import { entryIdentity } from '../entry-identity.ts';
import type {
  AmbientEntry,
  BeginEntry,
  EffectEntry,
  EffectRef,
  Entry,
  EventEntry,
  OutcomeEntry,
  PooledEntry,
  RestartEntry,
  StopEntry,
  TaskEntry,
} from '../entry.ts';
import { ChunkLog } from '../fold/chunk-log.ts';
import { isUnfinished, withoutBody } from '../http/http-request.ts';
import type { AttemptKey } from '../key.ts';
import { resumedNote } from '../run/canonical.ts';
import { freshNote } from './effect-history.ts';
import { nearestRequest } from './nearest-request.ts';
import { QuestionOrdinals } from './question.ts';
import { LostBranches, noneLost } from './race.ts';
import { cleanUpTimeoutNote } from './stops.ts';

/** The notes that say something of their attempt. */
export const attemptNotes: readonly string[] = [resumedNote, freshNote, cleanUpTimeoutNote];

/** Of the many attempts of a wide step most have none of most kinds. */
const none: readonly never[] = Object.freeze([]);

function added<Kind>(entries: readonly Kind[], entry: Kind): readonly Kind[] {
  if (entries === none) return [entry];
  (entries as Kind[]).push(entry);
  return entries;
}

/** Up to this many are compared one by one. Beyond that, a digest of each is cheaper. */
const comparedCountMax = 8;

export class AttemptIndex {
  effects: readonly EffectEntry[] = none;
  events: readonly EventEntry[] = none;
  begins: readonly BeginEntry[] = none;
  tasks: readonly TaskEntry[] = none;
  ambient: readonly AmbientEntry[] = none;
  pooled: readonly PooledEntry[] = none;
  /** Undefined if it gave none. */
  chunks: ChunkLog | undefined;
  /** The last one. */
  restart: RestartEntry | undefined;
  outcome: OutcomeEntry | undefined;
  stop: StopEntry | undefined;
  /** A function that cleaned up, and whose time was over. */
  isTimedOut = false;
  /** The run failed with it, and was resumed. */
  isResumedAfter = false;
  /** Later attempts of its task asked for everything again. */
  isFreshAfter = false;
  /** Identities of its entries that no longer count. */
  voids: readonly string[] = none;
  /** An inner run began in it, so it is the attempt of a subgraph. */
  hasInner = false;
  #byIdentity: Map<string, EffectEntry> | undefined;
  #begunByIdentity: Map<string, BeginEntry> | undefined;
  /** By name and task: how many questions were asked again. */
  #askedAgain: Map<string, number> | undefined;
  /** By name, task and ordinal. */
  #questions: ReadonlyMap<string, BeginEntry> | undefined;
  #lost: LostBranches | undefined;
  #doubts: readonly BeginEntry[] | undefined;
  #doubtsAsked: Set<BeginEntry> | undefined;
  /** Most attempts have one effect, and need no set for it. */
  #usedFirst: EffectEntry | undefined;
  #usedMore: Set<EffectEntry> | undefined;
  #moved: Set<EffectEntry> | undefined;

  add(entry: Exclude<Entry, { readonly kind: 'run' | 'commit' | 'edit' | 'end' }>): void {
    switch (entry.kind) {
      case 'outcome':
        this.outcome = entry;
        return;
      case 'effect':
        this.effects = added(this.effects, entry);
        return;
      case 'begin':
        this.begins = added(this.begins, entry);
        return;
      case 'event':
        this.events = added(this.events, entry);
        return;
      case 'task':
        this.tasks = added(this.tasks, entry);
        return;
      case 'ambient':
        this.ambient = added(this.ambient, entry);
        return;
      case 'pooled':
        this.pooled = added(this.pooled, entry);
        return;
      case 'chunk':
        this.chunks ??= new ChunkLog();
        this.chunks.add(entry);
        return;
      case 'restart':
        this.restart = entry;
        return;
      case 'stop':
        this.stop = entry;
        return;
      case 'guard':
        return;
      case 'note':
        if (entry.what === resumedNote) this.isResumedAfter = true;
        if (entry.what === freshNote) this.isFreshAfter = true;
        if (entry.what === cleanUpTimeoutNote) this.isTimedOut = true;
        if (entry.voids !== undefined) this.voids = added(this.voids, entry.voids);
        return;
      default:
        entry satisfies never;
    }
  }

  /** The same attempt, with everything still to be asked for. */
  again(): AttemptIndex {
    const again = new AttemptIndex();
    again.effects = this.effects;
    again.events = this.events;
    again.begins = this.begins;
    again.tasks = this.tasks;
    again.ambient = this.ambient;
    again.pooled = this.pooled;
    again.chunks = this.chunks;
    again.restart = this.restart;
    again.outcome = this.outcome;
    again.stop = this.stop;
    again.isTimedOut = this.isTimedOut;
    again.isResumedAfter = this.isResumedAfter;
    again.isFreshAfter = this.isFreshAfter;
    again.voids = this.voids;
    again.hasInner = this.hasInner;
    return again;
  }

  /** The recorded effect that answers this one. Each answers once. */
  take(ref: EffectRef): EffectEntry | undefined {
    const effect = this.#find(ref);
    if (effect === undefined || this.#moved?.has(effect) === true) return undefined;
    this.#use(effect);
    return effect;
  }

  #find(ref: EffectRef): EffectEntry | undefined {
    if (this.effects.length <= comparedCountMax) return this.effects.find((effect) => isSameEffect(effect, ref));
    this.#byIdentity ??= new Map(this.effects.map((effect) => [identityOf(effect), effect]));
    return this.#byIdentity.get(identityOf(ref));
  }

  /**
   * A question is asked again. Returns the answered one that stood in its place, if that asked for something else: nothing
   * has to ask for it any more.
   */
  replaceQuestion(ref: EffectRef): EffectEntry | undefined {
    const like = `${ref.task ?? ''}:${ref.name}`;
    this.#askedAgain ??= new Map();
    const ordinal = this.#askedAgain.get(like) ?? 0;
    this.#askedAgain.set(like, ordinal + 1);
    this.#questions ??= questionsOf(this.begins);
    const begin = this.#questions.get(`${like} ${ordinal}`);
    if (begin === undefined || identityOf(begin) === identityOf(ref)) return undefined;
    const identity = identityOf(begin);
    const effect = this.effects.find((one) => identityOf(one) === identity);
    if (effect !== undefined) this.#use(effect);
    return effect;
  }

  /**
   * For a request that was not written to its end, here or when it was recorded: the first effect with the same method
   * and address that nothing has asked for yet.
   */
  takeUnfinished(ref: EffectRef): EffectEntry | undefined {
    if (ref.type !== 'http') return undefined;
    const isHere = isUnfinished(ref.request);
    if (!isHere && !this.effects.some(({ request }) => isUnfinished(request))) return undefined;
    const address = withoutBody(ref.request);
    const effect = this.effects.find(
      (candidate) =>
        candidate.type === 'http' &&
        !this.isUsed(candidate) &&
        (isHere || isUnfinished(candidate.request)) &&
        sameValue(withoutBody(candidate.request), address),
    );
    if (effect !== undefined) this.#use(effect);
    return effect;
  }

  /** The branches of its races that lost. */
  get lost(): LostBranches {
    this.#lost ??= this.effects.some(({ type }) => type === 'race') ? new LostBranches(this.effects) : noneLost;
    return this.#lost;
  }

  /** A branch asks for it that lost its race, so no answer ever comes. The time is read at once. */
  isLost(ref: EffectRef): boolean {
    return ref.type !== 'now' && this.lost.has(ref.task);
  }

  /** The first effect that nothing has asked for yet with another request that counts as the same. */
  takeAlike(
    ref: EffectRef,
    isAlike: ((recorded: EffectRef, asked: EffectRef) => boolean) | undefined,
  ): EffectEntry | undefined {
    if (isAlike === undefined) return undefined;
    const effect = this.effects.find(
      (candidate) =>
        candidate.type === ref.type &&
        candidate.name === ref.name &&
        candidate.label === ref.label &&
        candidate.task === ref.task &&
        !this.isUsed(candidate) &&
        isAlike(candidate, ref),
    );
    if (effect !== undefined) this.#use(effect);
    return effect;
  }

  /** Another attempt is answered with one of its effects. */
  moveAway(effect: EffectEntry): void {
    this.#use(effect);
    this.#moved ??= new Set();
    this.#moved.add(effect);
  }

  /** It asks for one of its effects that another attempt was answered with. Each is given back once. */
  takeBack(ref: EffectRef): EffectEntry | undefined {
    const effect = this.#moved === undefined ? undefined : this.#find(ref);
    return effect !== undefined && this.#moved?.delete(effect) === true ? effect : undefined;
  }

  /** What it had got from this effect was taken back. */
  isUndone(ref: EffectRef, at: AttemptKey): boolean {
    if (this.voids.length === 0) return false;
    return this.voids.includes(entryIdentity({ ...ref, kind: 'effect', at } as EffectEntry));
  }

  #use(effect: EffectEntry): void {
    if (this.#usedFirst === undefined) this.#usedFirst = effect;
    else if (effect !== this.#usedFirst) {
      this.#usedMore ??= new Set();
      this.#usedMore.add(effect);
    }
  }

  isUsed(effect: EffectEntry): boolean {
    return effect === this.#usedFirst || this.#usedMore?.has(effect) === true;
  }

  /** To continue after a divergence: the nearest effect of this type and name that nothing has asked for yet. */
  takeNearest(ref: EffectRef): EffectEntry | undefined {
    const effect = this.unusedLike(ref);
    if (effect !== undefined) this.#use(effect);
    return effect;
  }

  /** The journaled beginning of this effect, if there is one. */
  began(ref: EffectRef): BeginEntry | undefined {
    if (this.begins.length === 0) return undefined;
    this.#begunByIdentity ??= begunByIdentity(this.begins);
    return this.#begunByIdentity.get(identityOf(ref));
  }

  /** It is asked for again. Returns its journaled beginning, if there is one. */
  takeBegun(ref: EffectRef): BeginEntry | undefined {
    const begun = this.began(ref);
    if (begun !== undefined) {
      this.#doubtsAsked ??= new Set();
      this.#doubtsAsked.add(begun);
    }
    return begun;
  }

  /** What began and has no outcome: nobody knows whether it happened. Not what a branch of a race began that lost. */
  get #inDoubt(): readonly BeginEntry[] {
    if (this.begins.length === 0) return none;
    this.#begunByIdentity ??= begunByIdentity(this.begins);
    this.#doubts ??= [...this.#begunByIdentity.values()].filter(
      (begin) =>
        (begin.type === 'call' || begin.type === 'http') &&
        begin.observed.unrecorded !== true &&
        this.#find(begin) === undefined &&
        !this.isLost(begin) &&
        !this.isUndone(begin, begin.at),
    );
    return this.#doubts;
  }

  /** The first effect in doubt that nothing has asked for. */
  get unaskedDoubt(): BeginEntry | undefined {
    return this.#inDoubt.find((begin) => this.#doubtsAsked?.has(begin) !== true);
  }

  /** The first effect that nothing has asked for. */
  get unused(): EffectEntry | undefined {
    return this.effects.find((effect) => !this.isUsed(effect));
  }

  /** The nearest of them with the type and name of this one, of its task if there is one. */
  unusedLike(asked: EffectRef): EffectEntry | undefined {
    const { task, type, name } = asked;
    const alike = this.effects.filter((effect) => effect.type === type && effect.name === name && !this.isUsed(effect));
    const ofTask = alike.filter((effect) => effect.task === task);
    return nearestRequest(ofTask.length > 0 ? ofTask : alike, asked);
  }

  get isUsedUp(): boolean {
    const count = (this.#usedFirst === undefined ? 0 : 1) + (this.#usedMore?.size ?? 0);
    return count === this.effects.length;
  }

  /** Whether everything that it did, or may have done, was asked for again. */
  get isAskedAgain(): boolean {
    return this.isUsedUp && this.unaskedDoubt === undefined;
  }
}

/** The first of each, unless a later one says that there was an answer. */
function begunByIdentity(begins: readonly BeginEntry[]): Map<string, BeginEntry> {
  const begun = new Map<string, BeginEntry>();
  for (const begin of begins) {
    const identity = identityOf(begin);
    if (!begun.has(identity) || begin.observed.unrecorded === true) begun.set(identity, begin);
  }
  return begun;
}

function questionsOf(begins: readonly BeginEntry[]): ReadonlyMap<string, BeginEntry> {
  const ordinals = new QuestionOrdinals();
  const asked = begins.filter(({ type }) => type === 'ask');
  return new Map(asked.map((begin) => [`${begin.task ?? ''}:${begin.name} ${ordinals.of(begin)}`, begin]));
}

function identityOf(ref: EffectRef): string {
  return `${effectIdentity(ref)}@${ref.occurrence}`;
}

export function isSameEffect(left: EffectRef, right: EffectRef): boolean {
  return (
    left.type === right.type &&
    left.name === right.name &&
    left.label === right.label &&
    left.task === right.task &&
    left.occurrence === right.occurrence &&
    sameValue(left.request, right.request)
  );
}
