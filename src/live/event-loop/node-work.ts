// Work of Node that the code of an attempt began: reading files, hashing, compressing, turns that it waits for. While it
// is under way, the attempt is not at rest, though it has asked for nothing.
//   W1. Only what an attempt began counts, and nothing inside of an effect or of Reprise itself.
//   W2. A request of Node is over when its callback has run, and a job of `node:crypto` that is done at once when it is
//       done: it has no callback. A compression is under way while it holds a buffer, unless
//       its stream has failed, or waits for a reader.
//   W3. A turn that Reprise takes before it hands something to the code of an attempt counts like one of that code,
//       whether or not anybody watches.
import { AsyncResource, createHook } from 'node:async_hooks';
import type { AsyncHook } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import type { Quiet } from '../../port/event-loop.ts';
import { callerStack, stackText } from '../caller-stack.ts';
import { realNow, realSetImmediate } from './real-timers.ts';

/**
 * Requests to the thread pool and to the system, each of which ends with one callback. A request of node:http is not one of
 * them: it lasts as long as its answer.
 */
const requestKind =
  /^FSREQ|^(?!HTTP).*REQUEST$|^FILEHANDLECLOSEREQ$|^BLOBREADER$|^(?:SIGN|VERIFY|DERIVEBITS|CHECKPRIME)/;

/** `tick`: of `process.nextTick`, as streams use it. A chain of them ends before the turn does. */
export type WorkKind = 'request' | 'compression' | 'turn' | 'tick';

export interface Work {
  readonly kind: WorkKind;
  readonly attempt: CurrentAttempt;
  readonly what: string;
  readonly isUnderWay: boolean;
}

const underWay = new Map<number, Work>();
const turnsTaken = new Set<Work>();
/** The ticks that wait, of nodes and of all others but Reprise. */
const ticks = new Set<number>();
let ticksOverCount = 0;
const withoutPromises = { trackPromises: false } as object;
let watcherCount = 0;
let earlyCount = 0;
let hook: AsyncHook | undefined;
let earlyHook: AsyncHook | undefined;
let isOwn = false;

const turnType = 'Immediate';
/** To say where a turn is waited for costs a stack. */
const namingMs = 5_000;
let turnsNamedUntil = 0;

/** Whether looking costs next to nothing: then promises are left out by Node itself. */
const isCheap = ((): boolean => {
  try {
    createHook({ trackPromises: '' } as object);
    return false;
  } catch {
    return true;
  }
})();

/** Starts to look; the returned function stops it. */
export function watchWork(): () => void {
  watcherCount += 1;
  hook ??= createHook({ ...withoutPromises, init, after: ended, destroy: forget });
  if (watcherCount === 1) hook.enable();
  let isWatching = true;
  return () => {
    if (!isWatching) return;
    isWatching = false;
    watcherCount -= 1;
    if (watcherCount > 0) return;
    hook?.disable();
    ticks.clear();
    for (const [id, { kind }] of underWay) if (earlyCount === 0 || kind !== 'compression') underWay.delete(id);
  };
}

/**
 * Looks before anybody waits, since what has begun by then would not be seen. Where looking is dear it sees no more than
 * compressions: they begin early, and nothing but their beginning has to be seen.
 */
export function watchEarly(): () => void {
  if (isCheap) return watchWork();
  earlyCount += 1;
  earlyHook ??= createHook({ init: compressionBegins });
  if (earlyCount === 1) earlyHook.enable();
  let isWatching = true;
  return () => {
    if (!isWatching) return;
    isWatching = false;
    earlyCount -= 1;
    if (earlyCount > 0) return;
    earlyHook?.disable();
    if (watcherCount === 0) underWay.clear();
  };
}

/** Begins something of our own, which is no work of the attempt in whose context it happens to begin. */
export function asOwn<Result>(begin: () => Result): Result {
  const before = isOwn;
  isOwn = true;
  try {
    return begin();
  } finally {
    isOwn = before;
  }
}

/** Calls back in the next turn with what the code of the current attempt waits for. */
export function inTurnOfAttempt(callback: () => void): void {
  const attempt = currentAttempt.getStore();
  const turn = attempt === undefined || attempt.isPerforming ? undefined : new Request('turn', attempt, turnType);
  if (turn !== undefined) turnsTaken.add(turn);
  asOwn(() =>
    realSetImmediate(() => {
      if (turn !== undefined) turnsTaken.delete(turn);
      callback();
    }),
  );
}

/** What is under way for the attempts of one run. */
export function workUnderWay(quiet: Quiet): readonly Work[] {
  if (underWay.size + turnsTaken.size === 0) return [];
  return [...underWay.values(), ...turnsTaken].filter(
    ({ attempt, isUnderWay }) => attempt.ambient.quiet === quiet && attempt.isOpen && isUnderWay,
  );
}

/** Whether the code of an attempt has such work under way, as far as somebody watches. */
export function isAtWork({ at, ambient: { quiet } }: CurrentAttempt, kinds: ReadonlySet<WorkKind>): boolean {
  if (underWay.size + turnsTaken.size === 0) return false;
  for (const { kind, attempt, isUnderWay } of [...underWay.values(), ...turnsTaken])
    if (kinds.has(kind) && attempt.at === at && attempt.ambient.quiet === quiet && isUnderWay) return true;
  return false;
}

/** How many ticks wait, and how many are over, as far as somebody watches: those of Reprise itself do not count. */
export const ticksLeft = (): number => ticks.size;
export const ticksOver = (): number => ticksOverCount;

/** Where the code of a run's attempt waits for the next turn, over and over. Only while somebody has asked before. */
export function placeOfTurns(quiet: Quiet): string | undefined {
  turnsNamedUntil = realNow() + namingMs;
  for (const { kind, what } of workUnderWay(quiet)) if (kind === 'turn' && what !== turnType) return what;
  return undefined;
}

/** It has taken too long, and counts no more. */
export function giveUp(given: Work): void {
  for (const [id, work] of underWay) if (work === given) underWay.delete(id);
}

/** Node before version 24 calls this for promises too. */
function init(id: number, type: string, _trigger: number, resource: object): void {
  if (isOwn || type === 'PROMISE') return;
  const kind = kindOf(type);
  // What a library names so lasts as long as it likes: undici's UNDICI_REQUEST, as long as its answer.
  if (kind === undefined || resource instanceof AsyncResource) return;
  if (kind === 'tick') ticks.add(id);
  const attempt = currentAttempt.getStore();
  if (attempt === undefined || attempt.isPerforming || !attempt.isOpen) return;
  if (kind === 'request' && isJob(resource)) endAtOnce(id, resource);
  if (kind === 'request' || kind === 'compression') tellOf(attempt, kind);
  underWay.set(
    id,
    kind === 'compression'
      ? new Compression(attempt, resource)
      : new Request(kind, attempt, kind === 'turn' ? nameOfTurn() : type),
  );
}

/** Nobody decides which of two works ends first. Two compressions do not count: a client begins one with each encoded answer. */
function tellOf({ at, ambient: { quiet } }: CurrentAttempt, began: WorkKind): void {
  if (quiet?.workBegan === undefined) return;
  const others = workUnderWay(quiet).filter(
    ({ kind }) => kind === 'request' || (kind === 'compression' && began === 'request'),
  );
  quiet.workBegan(
    at,
    others.map((work) => work.attempt.at),
  );
}

interface Job {
  run(...given: unknown[]): unknown;
}

function isJob(resource: object): resource is Job {
  return 'run' in resource && typeof resource.run === 'function';
}

function compressionBegins(id: number, type: string, trigger: number, resource: object): void {
  if (type === 'ZLIB') init(id, type, trigger, resource);
}

/** Only what running it returns tells whether it is over: a list of its error and its result. */
function endAtOnce(id: number, job: Job): void {
  const { run } = job;
  // Node 26 reads a file in one job, and tells it which. Without that it would end the process.
  const watched = (...given: unknown[]): unknown => {
    const result = run.apply(job, given);
    if (Array.isArray(result)) underWay.delete(id);
    return result;
  };
  job.run = watched;
}

function nameOfTurn(): string {
  if (turnsNamedUntil === 0 || realNow() > turnsNamedUntil) return turnType;
  return stackText(callerStack(nameOfTurn).slice(0, 1)).trim() || turnType;
}

function kindOf(type: string): WorkKind | undefined {
  if (type === turnType) return 'turn';
  if (type === 'TickObject') return 'tick';
  if (type === 'Microtask') return undefined;
  if (type === 'ZLIB') return 'compression';
  return requestKind.test(type) ? 'request' : undefined;
}

function forget(id: number): void {
  ticks.delete(id);
  underWay.delete(id);
}

function ended(id: number): void {
  if (ticks.delete(id)) ticksOverCount += 1;
  const work = underWay.get(id);
  if (work !== undefined && work.kind !== 'compression') underWay.delete(id);
}

class Request implements Work {
  readonly kind: WorkKind;
  readonly attempt: CurrentAttempt;
  readonly what: string;
  readonly isUnderWay = true;
  constructor(kind: WorkKind, attempt: CurrentAttempt, what: string) {
    this.kind = kind;
    this.attempt = attempt;
    this.what = what;
  }
}

/** Its handle holds the buffer that it works on, and lives until it is collected. */
class Compression implements Work {
  readonly kind = 'compression';
  readonly attempt: CurrentAttempt;
  readonly what = 'ZLIB';
  readonly #handle: { readonly buffer?: unknown };
  constructor(attempt: CurrentAttempt, handle: object) {
    this.attempt = attempt;
    this.#handle = handle;
  }
  get isUnderWay(): boolean {
    return this.#handle.buffer !== null && this.#handle.buffer !== undefined && !this.#isAtRest;
  }

  get #isAtRest(): boolean {
    const owner = Object.getOwnPropertySymbols(this.#handle).find(({ description }) => description === 'owner_symbol');
    const stream = owner === undefined ? undefined : (this.#handle as { [key: symbol]: unknown })[owner];
    if (!(stream instanceof Readable)) return false;
    return stream.destroyed || stream.readableLength >= stream.readableHighWaterMark;
  }
}
