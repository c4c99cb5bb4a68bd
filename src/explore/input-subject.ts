// An input with an outside of fakes, in place of a recorded run.
import { RepriseError } from '../base/error.ts';
import { digestOf } from '../base/digest.ts';
import { canonicalValue } from '../base/value.ts';
import { liveWorld } from '../engine/world/live-world.ts';
import type { AnyGraph } from '../graph/built-graph.ts';
import type { CanonicalStep } from '../journal/canonical.ts';
import type { EffectRef } from '../journal/entry.ts';
import type { RunQuiet } from '../live/event-loop/run-quiet.ts';
import type { Clock } from '../port/clock.ts';
import type { Answer, AnsweredBefore, AttemptWorld, TaskWorld, World } from '../port/world.ts';
import type { FreedRaces } from './race/freed-races.ts';
import { KeptRaces } from './race/kept-races.ts';
import type { FailingWorld, MadeGraph, Subject, SubjectWorld } from './subject.ts';

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
  #races = new KeptRaces([]);

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

  keepRaces(steps: readonly CanonicalStep[]): boolean {
    this.#races = new KeptRaces(steps);
    return this.#races.hasAny;
  }

  makeWorld(_graph: AnyGraph, clock: Clock, _quiet: RunQuiet, failing: Partial<FailingWorld> = {}): SubjectWorld {
    const { from, races: freed } = failing;
    const outside = from === undefined ? this.#makeOutside() : (from.before.outside as Outside);
    let isStopped = false;
    const setup = { effects: outside.effects ?? {}, races: this.#races, freed, isStopped: () => isStopped };
    const world = faked(liveWorld(clock), setup);
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

interface Faking {
  readonly effects: Fakes;
  readonly races: KeptRaces;
  readonly freed: FreedRaces | undefined;
  readonly isStopped: () => boolean;
}

function faked(live: World, faking: Faking): World {
  return {
    openStep(at, tasks) {
      if (faking.isStopped()) return { kind: 'end', end: { status: 'cancelled', reason: 'the schedule differs' } };
      const plan = live.openStep(at, tasks);
      return plan.kind === 'end' ? plan : { ...plan, tasks: plan.tasks.map((task) => fakedTask(task, faking)) };
    },
    closeStep: (step) => live.closeStep(step),
  };
}

type Fakes = NonNullable<Outside['effects']>;

function fakedTask(task: TaskWorld, faking: Faking): TaskWorld {
  return { attempt: (number, isResumable) => fakedAttempt(task.attempt(number, isResumable), faking) };
}

function fakedAttempt(attempt: AttemptWorld, { effects, races, freed }: Faking): AttemptWorld {
  return {
    drawKey: attempt.drawKey,
    run: (node) => attempt.run(node),
    settle: (result) => attempt.settle(result),
    watch: (timeoutMs, expire) => attempt.watch(timeoutMs, expire),
    answer(ref, kept) {
      const answer = attempt.answer(ref, kept);
      if (answer.kind !== 'perform') return answer;
      const given = answerBy(effects, ref, answer);
      return freed?.hasLoser(attempt.drawKey, ref.task) === true ? given : races.answer(attempt.drawKey, ref, given);
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
