// A world in which some effects fail that did not: for the rest it is the world that it stands for.
//   W1. A fault comes before the answer that was recorded: a further try of the same, in the same attempt or in another one,
//       gets that answer.
//   W2. What waits asks nobody for an answer, so it needs no recorded one: sleeps, questions, readings of the clock.
//   W3. Where an answer is late, the time of its attempt runs.
//   W4. A race whose winner gets a fault is decided again.
import { fullAddressText, parseAddress } from '../../journal/address.ts';
import type { PlacedEffect } from '../../journal/address.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { factsOf } from '../../journal/entry.ts';
import type { EffectEntry, EffectOutcome, EffectRef, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, attemptNumber, cleanUpKey, isCleanUpKey, taskKey, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import { racesIn } from '../../journal/step/race.ts';
import type { Clock } from '../../port/clock.ts';
import type { Answer, AnsweredBefore, AttemptWorld, TaskWorld, World } from '../../port/world.ts';
import type { FreedRaces } from '../race/freed-races.ts';
import type { Fault } from '../schedule/schedule.ts';
import { faultKinds, faultyAnswer } from './fault-kinds.ts';
import type { GivenAnswer } from './given-answer.ts';

export interface Faulty {
  /** By the answers that they take the place of. */
  readonly faults: ReadonlyMap<string, Fault>;
  readonly races: FreedRaces;
  /** Absent where the outside is asked. */
  readonly recorded?: FaultyRecording;
  /** Told of what a branch of a freed race asks for in vain. */
  readonly onUnanswered: (effect: PlacedEffect) => void;
}

export interface FaultyRecording {
  /** What was recorded, by event. */
  readonly effects: ReadonlyMap<string, EffectEntry>;
  /** The attempts whose time was over. */
  readonly timedOut: ReadonlySet<string>;
  readonly races: readonly EffectEntry[];
}

export function faultyRecording(steps: readonly CanonicalStep[]): FaultyRecording {
  const effects = new Map<string, EffectEntry>();
  const timedOut = new Set<string>();
  for (const { entries } of steps) {
    for (const entry of entries) {
      if (entry.kind === 'effect') effects.set(eventOf(entry.at, entry), entry);
      else if (entry.kind === 'outcome' && entry.result.status === 'timeout') timedOut.add(entry.at);
    }
  }
  return { effects, timedOut, races: racesIn([...effects.values()]) };
}

export function faultyWorld(world: World, faulty: Faulty, clock: Clock): World {
  return around(world, {
    openStep(at: StepKey, tasks: readonly TaskSpec[]) {
      const plan = world.openStep(at, tasks);
      if (plan.kind === 'end') return plan;
      return { ...plan, tasks: plan.tasks.map((task, rank) => faultyTask(task, taskKey(at, rank), { faulty, clock })) };
    },
  });
}

interface Setup {
  readonly faulty: Faulty;
  readonly clock: Clock;
}

function faultyTask(task: TaskWorld, key: ReturnType<typeof taskKey>, setup: Setup): TaskWorld {
  return around(task, {
    attempt: (number: number, isResumable: boolean) =>
      faultyAttempt(task.attempt(number, isResumable), attemptKey(key, number), setup),
  });
}

function faultyAttempt(attempt: AttemptWorld, at: AttemptKey, setup: Setup): AttemptWorld {
  const { faulty, clock } = setup;
  const { faults, recorded, races, onUnanswered } = faulty;
  /** Of one that is no loser any more. */
  const loserAnswer = (ref: EffectRef, kept?: AnsweredBefore): Answer => {
    if (kept !== undefined || recorded?.effects.has(eventOf(at, ref)) === true) return attempt.answer(ref, kept);
    if (isWait(ref)) return { kind: 'perform' };
    onUnanswered({ ...ref, at });
    return { kind: 'silent' };
  };
  const timed = recorded !== undefined && !recorded.timedOut.has(at) && isLateIn(at, faults);
  return around(attempt, {
    answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
      const fault = faults.get(eventOf(at, ref));
      if (fault !== undefined) return faultedAnswer(attempt.answer(ref, kept), fault, ref);
      if (ref.type === 'race' && races.has(at, ref.task)) return kept ?? { kind: 'perform' };
      if (recorded !== undefined && races.hasLoser(at, ref.task)) return loserAnswer(ref, kept);
      if (races.keepsLoser(at, ref.task)) return attempt.answer(ref, kept);
      if (recorded !== undefined && (kept === undefined || isFaultedBefore(at, ref, faults))) {
        const before = passedOver(at, ref, faults, recorded);
        if (before !== undefined) return simulated({ outcome: before.outcome, facts: factsOf(before) });
        if (isWait(ref) && !recorded.effects.has(eventOf(at, ref))) return { kind: 'perform' };
      }
      return attempt.answer(ref, kept);
    },
    altered(ref: EffectRef, outcome: EffectOutcome): EffectOutcome {
      const fault = faults.get(eventOf(at, ref));
      return fault === undefined ? outcome : (faultyAnswer(fault, ref, { outcome })?.outcome ?? outcome);
    },
    readPast: (ref: EffectRef): Error | undefined =>
      faults.has(eventOf(at, ref)) ? undefined : attempt.readPast?.(ref),
    watch: (timeoutMs: number, expire: () => void): (() => void) =>
      timed
        ? clock.setTimer(timeoutMs, expire, { kind: 'timeout', at, isGuard: true })
        : attempt.watch(timeoutMs, expire),
    cleanUp(number: number): AttemptWorld | undefined {
      const inner = attempt.cleanUp?.(number);
      return inner === undefined ? undefined : faultyAttempt(inner, cleanUpKey(at, number), setup);
    },
  });
}

function faultedAnswer(base: Answer, fault: Fault, ref: EffectRef): Answer {
  const changed = <Given extends GivenAnswer>(answer: Given): Given => ({
    ...answer,
    ...faultyAnswer(fault, ref, answer),
  });
  if (base.kind === 'answered') return base.isKept === true ? base : simulated(changed(base));
  if (base.kind !== 'perform') return base;
  if (faultKinds[fault.kind].isUnserved === true) return simulated(changed(nothing));
  const { simulate } = base;
  // What is performed is altered when it has been.
  if (simulate === undefined) return base;
  return {
    ...base,
    simulate(idempotencyKey) {
      const answer = simulate(idempotencyKey);
      return answer instanceof Promise ? answer.then(changed) : changed(answer);
    },
  };
}

const nothing: GivenAnswer = { outcome: { kind: 'value', value: undefined } };

function simulated(answer: GivenAnswer): Answer {
  return { kind: 'perform', simulate: () => ({ ...answer, kind: 'answered' }) };
}

/**
 * Whether an earlier attempt got a fault for an exchange. What a call has come to is kept, however little it is worth; live
 * an exchange is made again.
 */
function isFaultedBefore(at: AttemptKey, ref: EffectRef, faults: Faulty['faults']): boolean {
  if (ref.type !== 'http' || isCleanUpKey(at)) return false;
  const task = taskOfAttempt(at);
  for (let number = attemptNumber(at) - 1; number > 0; number -= 1)
    if (faults.has(eventOf(attemptKey(task, number), ref))) return true;
  return false;
}

/** What was recorded for an earlier try, in whose place the fault came. */
function passedOver(
  at: AttemptKey,
  ref: EffectRef,
  faults: Faulty['faults'],
  { effects }: FaultyRecording,
): EffectEntry | undefined {
  let before = 0;
  for (let occurrence = 0; occurrence < ref.occurrence; occurrence += 1)
    if (faults.has(eventOf(at, { ...ref, occurrence }))) before += 1;
  if (before > 0) return effects.get(eventOf(at, { ...ref, occurrence: ref.occurrence - before }));
  if (effects.has(eventOf(at, ref)) || isCleanUpKey(at)) return undefined;
  const task = taskOfAttempt(at);
  for (let number = attemptNumber(at) - 1; number > 0; number -= 1) {
    const found = effects.get(eventOf(attemptKey(task, number), ref));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isWait({ type }: EffectRef): boolean {
  return type !== 'call' && type !== 'http';
}

/** How late an answer comes. */
export function latenessOf({ faults }: Faulty): ((event: string) => number | undefined) | undefined {
  const late = new Map<string, number>();
  for (const { event, kind, more } of faults.values()) {
    const ms = faultKinds[kind].lateMs?.(more);
    const isSilent = ms === Number.POSITIVE_INFINITY && parseAddress(event)?.type === 'http';
    if (ms !== undefined && !isSilent) late.set(event, ms);
  }
  return late.size === 0 ? undefined : (event) => late.get(event);
}

/** Whether an exchange of an attempt was given nothing, or nothing more: no event of the run says so. */
export function silenceOf({ faults }: Faulty): ((at: string) => boolean) | undefined {
  const silent = [...faults.values()].filter(({ kind }) => kind === 'stalled' || kind === 'timeout');
  if (silent.length === 0) return undefined;
  return (at) => silent.some(({ event }) => event.startsWith(`${at}:`) && parseAddress(event)?.type === 'http');
}

/** Whether something that an attempt waits for, or one inside it, comes late or not at all. */
function isLateIn(at: string, faults: Faulty['faults']): boolean {
  return [...faults.values()].some(
    ({ event, kind }) =>
      (kind === 'stalled' || faultKinds[kind].lateMs !== undefined) &&
      event.startsWith(at) &&
      /^[:>/!]/.test(event.slice(at.length)),
  );
}

/** The key of its answer, as `arrivalKey` has it. */
export function eventOf(at: string, effect: EffectRef): string {
  return fullAddressText(at as AttemptKey, effect);
}

/** The same object, but for some of its methods. */
function around<Kind extends object>(target: Kind, methods: Partial<Record<keyof Kind, unknown>>): Kind {
  return new Proxy(target, {
    get(_target, name) {
      if (Object.hasOwn(methods, name)) return methods[name as keyof Kind];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
