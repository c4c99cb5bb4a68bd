// An input with an outside of fakes, in place of a recorded run.
import { digestOf } from '../../base/digest.ts';
import { liveWorld } from '../../engine/world/live-world.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import { ownStop } from '../../journal/run/own-stop.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { Fakes } from '../../fake/fakes.ts';
import { fakedWorld } from '../../fake/faked-world.ts';
import type { AnswerEffect } from '../../fake/faked-world.ts';
import type { Outside } from '../../fake/outside.ts';
import type { RunQuiet } from '../../live/event-loop/run-quiet.ts';
import type { Clock } from '../../port/clock.ts';
import type { World } from '../../port/world.ts';
import { KeptRaces } from '../race/kept-races.ts';
import type { FailingWorld, MadeGraph, Subject, SubjectWorld } from './subject.ts';

/**
 * What `explore` takes in place of a fixture: an input, and fakes for the outside. Use it before there is a recording.
 */
export interface ExploredInput {
  readonly input: unknown;
  /** Makes the outside of one run: what one run does to it no other sees. */
  readonly outside?: () => Outside;
  readonly runId?: string;
}

export class InputSubject implements Subject {
  readonly fixture = undefined;
  readonly recorded = undefined;
  readonly readings = undefined;
  readonly isOutsideAsked = true;
  readonly isFresh: boolean;
  readonly startTime: number;
  readonly graph: AnyGraph;
  readonly makeGraph: Subject['makeGraph'];
  readonly graphName: string;
  readonly input: unknown;
  readonly runId: string;
  readonly seed: string;
  readonly #makeOutside: () => Outside;
  /** By the outside that they are made of, which outlives the processes of a run. */
  readonly #fakes = new WeakMap<Outside, Fakes>();
  #races = new KeptRaces([]);

  constructor(
    { graph, isFresh, makeGraph }: MadeGraph,
    { input, outside = () => ({}), runId = 'explored' }: ExploredInput,
    seed: string,
    startTime = 0,
  ) {
    this.graph = graph;
    this.isFresh = isFresh;
    this.makeGraph = makeGraph;
    this.graphName = graph.name;
    this.input = input;
    this.runId = runId;
    this.seed = digestOf(seed);
    this.startTime = startTime;
    this.#makeOutside = outside;
  }

  keepRaces(steps: readonly CanonicalStep[]): boolean {
    this.#races = new KeptRaces(steps);
    return this.#races.hasAny;
  }

  makeWorld(_graph: AnyGraph, clock: Clock, _quiet: RunQuiet, failing: Partial<FailingWorld> = {}): SubjectWorld {
    const { from, races: freed } = failing;
    const outside = from === undefined ? this.#makeOutside() : (from.before.outside as Outside);
    const fakes = this.fakesOf(outside);
    const races = this.#races;
    let isStopped = false;
    const answer: AnswerEffect = (attempt, ref, performed) => {
      const given = fakes.answer(ref, performed);
      return freed?.hasLoser(attempt.drawKey, ref.task) === true ? given : races.answer(attempt.drawKey, ref, given);
    };
    const faked = fakedWorld(liveWorld(clock), { answer, answerLate: (ref) => fakes.answerLate(ref) });
    const world: World = {
      closeStep: (step) => faked.closeStep(step),
      openStep: (at, tasks) => (isStopped ? { kind: 'end', end: ownStop } : faked.openStep(at, tasks)),
    };
    return {
      world,
      outside,
      missing: () => new Map(),
      moved: () => new Set(),
      unheard: () => new Map(),
      pooled: [],
      stop: () => {
        isStopped = true;
      },
    };
  }

  /** @throws RepriseError `option-invalid` */
  fakesOf(outside: Outside): Fakes {
    const known = this.#fakes.get(outside);
    if (known !== undefined) return known;
    const fakes = new Fakes(outside);
    this.#fakes.set(outside, fakes);
    return fakes;
  }
}
