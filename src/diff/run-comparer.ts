// Compares two runs step by step.
//   Owns:         which task is compared with which, the order of what is found, and what follows from what.
//   Not its job:  running anything, showing anything.
//   D1. What is found stands in canonical order of the recorded run: by step, rank, attempt; then the step's own.
//   D2. Cost is proportional to what a step holds; equal values are not looked into.
import { sameValue } from '../base/equal.ts';
import type { Value } from '../base/value.ts';
import type { AttemptResult, EffectRef, Entry, RunEnd, TaskSpec } from '../journal/entry.ts';
import { errorIdentity } from '../journal/error-identity.ts';
import { attemptKey, stepKey, taskKey } from '../journal/key.ts';
import type { AttemptKey, ScopeKey, StepKey, TaskKey } from '../journal/key.ts';
import { RunFold } from '../journal/run-fold.ts';
import { StepIndex } from '../journal/step-index.ts';
import { compareEffects, compareEvents, compareResults, differenceOf } from './compare-attempt.ts';
import type { AttemptView, Found } from './compare-attempt.ts';
import type { Divergence } from './divergence.ts';
import { pairTasks } from './pair-tasks.ts';
import { keyPath } from './value-difference.ts';

export interface ComparedCounts {
  readonly steps: number;
  readonly tasks: number;
  readonly attempts: number;
  readonly effects: number;
  readonly events: number;
}

/** What a replay did that its journal does not hold, since it went on from what was recorded. */
export interface ReplayFacts {
  readonly missing: ReadonlyMap<AttemptKey, readonly EffectRef[]>;
  readonly results: ReadonlyMap<AttemptKey, AttemptResult>;
  readonly steps: ReadonlyMap<
    StepKey,
    { readonly state: Value; readonly commit: { readonly frontier: readonly TaskSpec[] } }
  >;
}

const noFacts: ReplayFacts = { missing: new Map(), results: new Map(), steps: new Map() };

export interface CompareOptions {
  /** `outputs`: node code did not run in the replay, so effects and events are not compared. */
  readonly mode: 'effects' | 'outputs';
}

interface Side {
  readonly index: StepIndex;
  readonly tasks: readonly TaskSpec[];
  readonly scope: ScopeKey;
}

export class RunComparer {
  readonly divergences: Divergence[] = [];
  readonly #options: CompareOptions;
  readonly #facts: ReplayFacts;
  readonly #recorded = new RunFold();
  readonly #replayed = new RunFold();
  readonly #counts = { steps: 0, tasks: 0, attempts: 0, effects: 0, events: 0 };
  #step = 0;

  constructor(options: CompareOptions, facts: ReplayFacts = noFacts) {
    this.#options = options;
    this.#facts = facts;
  }

  get counts(): ComparedCounts {
    return { ...this.#counts };
  }

  /** Takes the canonical entries of the next step of both runs. Gives what was found in it. */
  add(recorded: readonly Entry[], replayed: readonly Entry[]): readonly Divergence[] {
    const before = this.divergences.length;
    const left: Side = { index: new StepIndex(recorded), tasks: this.#recorded.frontier, scope: '' };
    const right: Side = { index: new StepIndex(replayed), tasks: this.#replayed.frontier, scope: '' };
    for (const entry of recorded) this.#recorded.add(entry);
    for (const entry of replayed) this.#replayed.add(entry);
    if (this.#step > 0) this.#tasks(left, right, this.#step);
    this.#commit(left, right);
    this.#end();
    if (this.#step > 0 && left.index.commit(stepKey('', this.#step)) !== undefined) this.#counts.steps += 1;
    this.#step += 1;
    return this.divergences.slice(before);
  }

  #tasks(recorded: Side, replayed: Side, step: number): void {
    for (const pair of pairTasks(recorded.tasks, replayed.tasks)) {
      if (pair.recorded === undefined || pair.replayed === undefined) continue;
      const node = (recorded.tasks[pair.recorded] as TaskSpec).node;
      const left = taskKey(stepKey(recorded.scope, step), pair.recorded);
      const right = taskKey(stepKey(replayed.scope, step), pair.replayed);
      this.#task(recorded.index, replayed.index, left, right, node);
    }
  }

  #task(recorded: StepIndex, replayed: StepIndex, left: TaskKey, right: TaskKey, node: string): void {
    for (let number = 1; ; number += 1) {
      const leftAt = attemptKey(left, number);
      const rightAt = attemptKey(right, number);
      const leftAttempt = this.#view(recorded, leftAt);
      const rightAttempt = this.#view(replayed, rightAt, this.#facts);
      if (leftAttempt === undefined && rightAttempt === undefined) break;
      if (number === 1) this.#counts.tasks += 1;
      this.#counts.attempts += 1;
      // One side went on to an attempt that the other did not make: how the one before ended says so already.
      if (leftAttempt === undefined || rightAttempt === undefined) {
        if (number === 1) this.#push(leftAt, node, compareResults(leftAttempt?.result, rightAttempt?.result));
        break;
      }
      this.#attempt(recorded, replayed, { at: leftAt, view: leftAttempt }, { at: rightAt, view: rightAttempt }, node);
    }
  }

  #attempt(
    recorded: StepIndex,
    replayed: StepIndex,
    left: { at: AttemptKey; view: AttemptView },
    right: { at: AttemptKey; view: AttemptView },
    node: string,
  ): void {
    const first = this.divergences.length;
    if (this.#options.mode === 'effects') {
      this.#counts.effects += left.view.effects.length;
      this.#counts.events += left.view.events.length;
      const effects = compareEffects(left.view, right.view);
      this.#push(left.at, node, effects.slice(0, 1));
      // A node that was refused an effect asks for nothing more: what it left unused follows from that.
      const isStopped = right.view.result?.status === 'failed' && left.view.result?.status === 'done';
      this.#push(left.at, node, effects.slice(1), isStopped ? first : undefined);
    }
    if (recorded.attempt(left.at)?.hasInner === true && replayed.attempt(right.at)?.hasInner === true)
      this.#inner(recorded, replayed, left.at, right.at);
    const cause = this.divergences.length > first ? first : undefined;
    if (this.#options.mode === 'effects') this.#push(left.at, node, compareEvents(left.view, right.view), cause);
    this.#push(left.at, node, compareResults(left.view.result, right.view.result), cause);
  }

  #inner(recorded: StepIndex, replayed: StepIndex, left: AttemptKey, right: AttemptKey): void {
    for (let step = 0; ; step += 1) {
      const leftCommit = recorded.commit(stepKey(left, step));
      const rightCommit = replayed.commit(stepKey(right, step));
      if (step > 0) {
        const leftTasks = recorded.commit(stepKey(left, step - 1))?.frontier ?? [];
        const rightTasks = replayed.commit(stepKey(right, step - 1))?.frontier ?? [];
        this.#tasks(
          { index: recorded, tasks: leftTasks, scope: left },
          { index: replayed, tasks: rightTasks, scope: right },
          step,
        );
      }
      if (leftCommit === undefined || rightCommit === undefined) return;
      const at = stepKey(left, step);
      this.#push(at, undefined, differenceOf('output', leftCommit.input, rightCommit.input, 'input'));
      const computed = this.#facts.steps.get(stepKey(right, step))?.commit ?? rightCommit;
      this.#push(
        at,
        undefined,
        differenceOf(
          'frontier',
          leftCommit.frontier as unknown as Value,
          computed.frontier as unknown as Value,
          'frontier',
        ),
      );
    }
  }

  #view(index: StepIndex, at: AttemptKey, facts?: ReplayFacts): AttemptView | undefined {
    const attempt = index.attempt(at);
    const missing = facts?.missing.get(at) ?? [];
    if (attempt === undefined && missing.length === 0) return undefined;
    return {
      effects: [...(attempt?.effects ?? []), ...missing],
      events: attempt?.events ?? [],
      result: facts?.results.get(at) ?? attempt?.outcome?.result,
    };
  }

  #commit(recorded: Side, replayed: Side): void {
    const at = stepKey('', this.#step);
    const left = recorded.index.commit(at);
    const right = replayed.index.commit(at);
    if (left === undefined || right === undefined) return;
    if (this.#step === 0) this.#push(at, undefined, differenceOf('output', left.input, right.input, 'input'));
    const computed = this.#facts.steps.get(at);
    const state = computed?.state ?? this.#replayed.state;
    for (const found of stateDifferences(this.#recorded.state, state)) {
      const writers = this.#writersOf(recorded, found.path);
      this.#push(
        at,
        undefined,
        [{ ...found, ...(writers === '' ? {} : { detail: `written by ${writers}` }) }],
        this.#causeOfState(at, found.path),
      );
    }
    const frontier = computed?.commit.frontier ?? right.frontier;
    this.#push(at, undefined, frontierDifference(left.frontier, frontier), this.#causeInStep());
  }

  /** Who wrote a field in this step, as recorded: the tasks to look at when a state differs. */
  #writersOf(side: Side, path: string): string {
    const field = fieldOf(path);
    const writers: string[] = [];
    for (const [rank, { node }] of side.tasks.entries()) {
      const task = taskKey(stepKey('', this.#step), rank);
      for (let number = 1; ; number += 1) {
        const result = side.index.attempt(attemptKey(task, number))?.outcome?.result;
        if (result === undefined) break;
        const delta = result.status === 'done' ? result.delta : undefined;
        if (typeof delta === 'object' && delta !== null && (field === undefined || Object.hasOwn(delta, field)))
          writers.push(`${node} (${task})`);
      }
    }
    return writers.slice(0, 5).join(', ');
  }

  /** A state differs because an output does, where one of this step differs in the same field. */
  #causeOfState(at: StepKey, path: string): number | undefined {
    const field = fieldOf(path);
    const place = this.divergences.findIndex(
      (earlier) =>
        earlier.step === this.#step &&
        earlier.at !== at &&
        earlier.kind === 'output' &&
        (field === undefined || fieldOf(earlier.path) === field || earlier.path === 'delta'),
    );
    return place < 0 ? this.#causeInStep('error') : place;
  }

  #causeInStep(kind?: 'error'): number | undefined {
    const place = this.divergences.findIndex(
      (earlier) => earlier.step === this.#step && (kind === undefined || earlier.kind === kind),
    );
    return place < 0 ? undefined : place;
  }

  #end(): void {
    const left = this.#recorded.end;
    const right = this.#replayed.end;
    if (left === undefined || right === undefined) return;
    const found = endDifference(left, right);
    if (found === undefined) return;
    const cause = this.divergences.length > 0 ? this.divergences.length - 1 : undefined;
    this.#push('', undefined, [found], cause);
  }

  #push(at: string, node: string | undefined, found: readonly Found[], follows?: number): void {
    for (const item of found) {
      this.divergences.push(
        Object.freeze({
          ...item,
          at,
          step: this.#step,
          ...(node === undefined ? {} : { node }),
          ...(follows === undefined ? {} : { follows }),
        }),
      );
    }
  }
}

/** `state.findings[1]` and `delta.findings` are both about the field `findings`. */
function fieldOf(path: string): string | undefined {
  return (
    /^(?:state|delta)\.([A-Za-z_$][\w$-]*)/.exec(path)?.[1] ?? /^(?:state|delta)\["((?:[^"\\]|\\.)*)"\]/.exec(path)?.[1]
  );
}

/** The first difference of each field: fields are merged apart, so they differ apart. */
function stateDifferences(recorded: Value, replayed: Value): readonly Found[] {
  if (sameValue(recorded, replayed)) return [];
  if (!isRecord(recorded) || !isRecord(replayed)) return differenceOf('state', recorded, replayed, 'state');
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])].sort();
  return names.flatMap((name) => differenceOf('state', recorded[name], replayed[name], `state${keyPath(name)}`));
}

function isRecord(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function frontierDifference(recorded: readonly TaskSpec[], replayed: readonly TaskSpec[]): readonly Found[] {
  const pairs = pairTasks(recorded, replayed);
  const found: Found[] = [];
  for (const pair of pairs) {
    const left = pair.recorded === undefined ? undefined : recorded[pair.recorded];
    const right = pair.replayed === undefined ? undefined : replayed[pair.replayed];
    const path = `frontier[${pair.recorded ?? pair.replayed}]`;
    if (left === undefined || right === undefined)
      found.push({ kind: 'frontier', path, recorded: left as Value, replayed: right as Value });
    else found.push(...differenceOf('frontier', left.input, right.input, `${path}.input`));
  }
  if (found.length > 0) return found;
  // The same tasks in another order: ranks moved.
  const moved = pairs.find((pair) => pair.recorded !== pair.replayed);
  return moved === undefined
    ? []
    : [
        {
          kind: 'frontier',
          path: 'frontier',
          recorded: recorded.map(({ node }) => node),
          replayed: replayed.map(({ node }) => node),
          detail: 'the order of the tasks',
        },
      ];
}

function endDifference(recorded: RunEnd, replayed: RunEnd): Found | undefined {
  const left = endValue(recorded);
  const right = endValue(replayed);
  if (sameValue(left, right)) return undefined;
  const isConflict = [recorded, replayed].some(
    (end) => end.status === 'failed' && (end.error as { code?: unknown }).code === 'conflict',
  );
  return { kind: isConflict ? 'conflict' : 'error', path: 'end', recorded: left, replayed: right };
}

function endValue(end: RunEnd): Value {
  switch (end.status) {
    case 'done':
      return { status: 'done' };
    case 'failed':
      return { status: 'failed', error: errorIdentity(end.error), task: end.task };
    case 'cancelled':
      return { status: 'cancelled' };
  }
}
