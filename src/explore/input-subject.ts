// An input with an outside of fakes, in place of a recorded run.
import { RepriseError } from '../base/error.ts';
import { digestOf } from '../base/digest.ts';
import { canonicalValue } from '../base/value.ts';
import { liveWorld } from '../engine/world/live-world.ts';
import type { AnyGraph } from '../graph/built-graph.ts';
import type { EffectRef } from '../journal/entry.ts';
import type { RunQuiet } from '../live/event-loop/run-quiet.ts';
import type { Clock } from '../port/clock.ts';
import type { Answer, AnsweredBefore, AttemptWorld, TaskWorld, World } from '../port/world.ts';
import type { MadeGraph, ResumedFrom, Subject, SubjectWorld } from './subject.ts';

/** What a fake is told of the effect that it answers. */
export interface FakedCall {
  readonly idempotencyKey: string;
}

/**
 * Answers effects by name. An effect that it does not name is performed as its node says: in a test that is often a fake
 * already. HTTP is refused unless an effect is around it.
 */
export interface Outside {
  readonly effects?: Readonly<Record<string, (request: never, call: FakedCall) => unknown>>;
}

export interface ExploredInput {
  readonly input: unknown;
  /** Makes the outside of one run: what one run does to it no other sees. */
  readonly outside?: () => Outside;
  readonly runId?: string;
}

export class InputSubject implements Subject {
  readonly fixture = undefined;
  readonly recorded = undefined;
  readonly isOutsideAsked = true;
  readonly isFresh: boolean;
  readonly startTime = 0;
  readonly graph: AnyGraph;
  readonly makeGraph: Subject['makeGraph'];
  readonly graphName: string;
  readonly input: unknown;
  readonly runId: string;
  readonly seed: string;
  readonly #makeOutside: () => Outside;

  constructor(
    { graph, isFresh, makeGraph }: MadeGraph,
    { input, outside = () => ({}), runId = 'explored' }: ExploredInput,
    seed: string,
  ) {
    this.graph = graph;
    this.isFresh = isFresh;
    this.makeGraph = makeGraph;
    this.graphName = graph.name;
    this.input = input;
    this.runId = runId;
    this.seed = digestOf(seed);
    this.#makeOutside = outside;
  }

  makeWorld(_graph: AnyGraph, clock: Clock, _quiet: RunQuiet, from?: ResumedFrom): SubjectWorld {
    const outside = from === undefined ? this.#makeOutside() : (from.before.outside as Outside);
    let isStopped = false;
    const world = faked(liveWorld(clock), outside, () => isStopped);
    return {
      world,
      outside,
      missing: () => new Map(),
      stop: () => {
        isStopped = true;
      },
    };
  }
}

function faked(live: World, { effects = {} }: Outside, isStopped: () => boolean): World {
  return {
    openStep(at, tasks) {
      if (isStopped()) return { kind: 'end', end: { status: 'cancelled', reason: 'the schedule differs' } };
      const plan = live.openStep(at, tasks);
      return plan.kind === 'end' ? plan : { ...plan, tasks: plan.tasks.map((task) => fakedTask(task, effects)) };
    },
    closeStep: (step) => live.closeStep(step),
  };
}

type Fakes = NonNullable<Outside['effects']>;

function fakedTask(task: TaskWorld, fakes: Fakes): TaskWorld {
  return { attempt: (number, isResumable) => fakedAttempt(task.attempt(number, isResumable), fakes) };
}

function fakedAttempt(attempt: AttemptWorld, fakes: Fakes): AttemptWorld {
  return {
    drawKey: attempt.drawKey,
    run: (node) => attempt.run(node),
    settle: (result) => attempt.settle(result),
    watch: (timeoutMs, expire) => attempt.watch(timeoutMs, expire),
    answer(ref, kept) {
      const answer = attempt.answer(ref, kept);
      return answer.kind === 'perform' ? answerBy(fakes, ref, answer) : answer;
    },
  };
}

function answerBy(fakes: Fakes, ref: EffectRef, performed: Answer): Answer {
  if (ref.type === 'http') return { kind: 'refused', error: httpError(ref) };
  const fake = ref.type === 'call' && Object.hasOwn(fakes, ref.name) ? fakes[ref.name] : undefined;
  if (fake === undefined) return performed;
  const answered = (value: unknown): AnsweredBefore => ({
    kind: 'answered',
    outcome: { kind: 'value', value: canonicalValue(value, `the answer to effect "${ref.name}"`) },
  });
  return {
    kind: 'perform',
    simulate(idempotencyKey) {
      const given = fake(ref.request as never, {
        get idempotencyKey() {
          return idempotencyKey();
        },
      });
      return given instanceof Promise ? given.then(answered) : answered(given);
    },
  };
}

function httpError({ request }: EffectRef): RepriseError {
  const { method, origin, path } = request as { readonly [name: string]: unknown };
  return new RepriseError('effect-missing', `nothing answers ${String(method)} ${String(origin)}${String(path)}`, {
    nextStep: 'Explore a recorded run, or put the request into an effect that `outside` answers.',
  });
}
