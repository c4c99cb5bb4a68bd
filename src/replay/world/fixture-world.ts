import { atOnce, inPieces, mapInPieces } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import { sameValue } from '../../base/equal.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { AttemptResult, EditEntry, OutcomeEntry, RunEnd, TaskSpec } from '../../journal/entry.ts';
import { scopeOfStep, stepKey, stepNumber, stepOfTask, taskKey } from '../../journal/key.ts';
import type { AttemptKey, ScopeKey, StepKey, TaskKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { Quiet } from '../../port/event-loop.ts';
import type { RecordedOrder, StepPlan, StepResult, World } from '../../port/world.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import { redactEntryOf } from './answer-of.ts';
import { continuedStep } from './continued-step.ts';
import { GraphPair } from '../recorded/graph-pair.ts';
import type { Adopting, FixtureWorldOptions, ScopePair } from './fixture-world-options.ts';
import { AnswersElsewhere } from './answers-elsewhere.ts';
import { newObservations } from './observations.ts';
import { ownStop } from '../../journal/run/own-stop.ts';
import { isWithin, partnersOf, placesOf, upToPartner } from '../recorded/paired-ranks.ts';
import { placeName } from '../recorded/place-name.ts';
import { mostOf } from '../recorded/recorded-tasks.ts';
import type { Recording } from '../recorded/recording.ts';
import type { RecordedTask, TaskPair } from '../recorded/replayed-pairs.ts';
import { ReplayedTask } from './replayed-task.ts';

export class FixtureWorld implements World {
  readonly seal: World['seal'];
  readonly observations = newObservations();
  readonly #recording: Recording;
  readonly #today: GraphSpec;
  readonly options: FixtureWorldOptions;
  readonly #scopes = new Map<ScopeKey, ScopePair>();
  readonly #uncertain = new Set<TaskKey>();
  /** Steps of a lenient replay in which not every task ran that was recorded, or other tasks stood. */
  readonly #inexact = new Set<StepKey>();
  readonly elsewhere: AnswersElsewhere;
  /** A step that is opened next. */
  #ready: { readonly at: StepKey; readonly plan: StepPlan } | undefined;
  /** Set from outside to end the run before its next step. */
  isStopped = false;
  readonly stoppedBehindLast = (): RunEnd | undefined => this.#recording.stoppedBehindLast();

  constructor(recording: Recording, today: GraphSpec, options: FixtureWorldOptions) {
    this.#recording = recording;
    this.#today = today;
    this.seal = options.seal;
    this.options = options;
    this.elsewhere = new AnswersElsewhere(recording, options, this.observations);
  }

  openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
    const ready = this.#ready;
    this.#ready = undefined;
    return ready?.at === at && !this.isStopped ? ready.plan : atOnce(this.#opened(at, tasks));
  }

  *readyStep(at: StepKey, tasks: readonly TaskSpec[]): Generator<undefined, void> {
    this.#ready = { at, plan: yield* this.#opened(at, tasks) };
  }

  *#opened(at: StepKey, tasks: readonly TaskSpec[]): Generator<undefined, StepPlan> {
    const scope = scopeOfStep(at);
    const number = stepNumber(at);
    if (this.isStopped) return { kind: 'end', end: ownStop };
    if (scope === '') {
      yield* this.#recording.readAhead();
      this.observations.started.clear();
      this.observations.partners.clear();
    }
    const cut = scope === '' ? this.#recording.openStep(number) : undefined;
    if (scope === '') this.#openRoot();
    const pair = this.#scopes.get(scope);
    const recorded = this.#recordedTasks(pair, number, tasks);
    const end = this.adopts === undefined || scope !== '' ? cut : this.adopts.tasks.endBefore(tasks, cut !== undefined);
    if (end !== undefined) return { kind: 'end', end };
    if (cut !== undefined) this.#recording.continue();
    const followed = this.#followed(pair, number, recorded);
    const lastRank = followed?.step?.lastRankIfFailed(followed.at);
    const isInUncertain = this.isUncertain(scope);
    const worlds = yield* mapInPieces(tasks, ({ node }, rank) => {
      const partner = recorded[rank];
      const own = taskKey(at, rank);
      const isApart = partner !== undefined && partner.step !== followed?.step;
      const last = isApart ? partner.step.lastRankIfFailed(stepOfTask(partner.key)) : lastRank;
      if (isInUncertain || (last !== undefined && (partner?.rank ?? last + 1) > last)) this.#uncertain.add(own);
      return this.#taskWorld(pair, { node, own, isApart }, partner);
    });
    const partners = new Map<number, number>();
    yield* inPieces(recorded, (task, rank) => {
      if (task !== undefined) partners.set(rank, task.rank);
    });
    if (partners.size < this.#frontier(pair, number).length || worlds.some((world) => world.standIn !== undefined))
      this.#inexact.add(at);
    const edits = scope === '' ? this.#edits(pair) : undefined;
    const isOrdered = scope === '' && this.controlled === undefined && followed?.step !== undefined;
    const order = isOrdered ? yield* this.#orderOf(followed.step, at, recorded) : undefined;
    if (scope === '')
      this.observations.followed = { number: followed && stepNumber(followed.at), next: order?.next ?? 0 };
    return {
      kind: 'run',
      // Code that is right now may fail no more where it did, so that all tasks count.
      tasks: lastRank === undefined || this.adopts !== undefined ? worlds : upToPartner(worlds, partners, lastRank),
      ...(edits === undefined ? {} : { edits }),
      ...(order === undefined ? {} : { order }),
    };
  }

  /** The recorded step whose order a step follows: where nodes may stand elsewhere, that of most of its tasks. */
  #followed(
    pair: ScopePair | undefined,
    number: number,
    recorded: readonly (RecordedTask | undefined)[],
  ): { readonly step: StepIndex | undefined; readonly at: StepKey } | undefined {
    if (pair === undefined) return undefined;
    if (pair.partner !== '') return { step: pair.step, at: stepKey(pair.partner, number) };
    if (this.adopts === undefined) return { step: this.#recording.step, at: stepKey('', number) };
    const main = mostOf(recorded);
    return main && { step: main.step, at: stepOfTask(main.key) };
  }

  /** The recorded tasks that follow the step before this one. */
  #frontier(pair: ScopePair | undefined, number: number): readonly TaskSpec[] {
    if (pair === undefined) return [];
    const after = stepKey(pair.partner, number - 1);
    return pair.partner === '' ? this.#recording.frontier(after) : (pair.step?.commit(after)?.frontier ?? []);
  }

  /** Those that answer the tasks of a step, in their order. */
  #recordedTasks(
    pair: ScopePair | undefined,
    number: number,
    tasks: readonly TaskSpec[],
  ): readonly (RecordedTask | undefined)[] {
    if (pair?.partner === '' && this.adopts !== undefined) return this.adopts.tasks.open(number, tasks);
    const step = pair?.partner === '' ? this.#recording.step : pair?.step;
    if (pair === undefined || step === undefined) return tasks.map(() => undefined);
    const partners = partnersOf(this.#frontier(pair, number), tasks);
    return tasks.map((_task, own) => {
      const rank = partners.get(own);
      return rank === undefined ? undefined : { key: taskKey(stepKey(pair.partner, number), rank), rank, step };
    });
  }

  /** Whether a task is one that need not come to anything: the recorded step failed before it did. */
  isUncertain(scope: ScopeKey): boolean {
    return isWithin(scope, this.#uncertain);
  }

  #openRoot(): void {
    this.#uncertain.clear();
    this.#scopes.clear();
    this.#inexact.clear();
    const { run } = this.#recording;
    const isChanged = run?.fingerprint !== this.#today.fingerprint;
    this.#scopes.set('', {
      partner: '',
      graphs: run === undefined ? undefined : new GraphPair(run.graph, this.#today, isChanged),
    });
  }

  #edits(pair: ScopePair | undefined): readonly EditEntry[] | undefined {
    const edits = this.#recording.step?.entries.filter((entry) => entry.kind === 'edit');
    for (const { patch } of edits ?? []) this.options.gave(patch as unknown as Value);
    return edits?.map((edit) => pair?.graphs?.editToday(edit) ?? edit);
  }

  #taskWorld(
    pair: ScopePair | undefined,
    { node, own, isApart }: Pick<TaskPair, 'node' | 'own' | 'isApart'>,
    partner: RecordedTask | undefined,
  ): ReplayedTask {
    const standIn = this.isLenient ? pair?.graphs?.standIn(node) : undefined;
    const handler = this.isLenient && standIn === undefined ? pair?.graphs?.goneHandler(node) : undefined;
    return new ReplayedTask(this, {
      own,
      recorded: partner?.key,
      isApart,
      node,
      standIn,
      handler,
      graphs: pair?.graphs,
      // Another task may stand at the same place, and nothing of it is taken.
      step: partner?.step ?? (this.adopts === undefined ? (pair?.step ?? this.#recording.step) : undefined),
    });
  }

  /** The order of what runs again: a recorded task without a partner does not. */
  *#orderOf(
    step: StepIndex,
    at: StepKey,
    recorded: readonly (RecordedTask | undefined)[],
  ): Generator<undefined, RecordedOrder> {
    const tasks = new Map<TaskKey, TaskKey>();
    // What is adopted draws under its own key, and is known by that.
    yield* inPieces(recorded, (task, rank) => {
      if (task?.step === step) tasks.set(task.key, this.adopts === undefined ? task.key : taskKey(at, rank));
    });
    if (this.options.mode === 'outputs') tasks.clear();
    const broken = (place: number): void => {
      this.observations.outOfOrder += 1;
      this.observations.firstOutOfOrder ??= placeName(step, place);
    };
    return { ...(yield* placesOf(step, tasks, this.options.cut)), broken };
  }

  closeStep(step: StepResult): StepResult {
    const scope = scopeOfStep(step.commit.at);
    const pair = this.#scopes.get(scope);
    if (!this.options.lenient || pair?.graphs === undefined) return step;
    const recorded = this.#recording.step?.commit(stepKey(pair.partner, stepNumber(step.commit.at)));
    if (recorded === undefined) return step;
    const state = scope === '' ? pair.graphs.stateToday(this.#recording.stateAfter(), step.state) : step.state;
    const continued = continuedStep(step, { recorded, state, graphs: pair.graphs });
    if (continued === undefined) return step;
    const { kept, computed } = continued;
    const { at } = step.commit;
    // What tasks did that did not run as recorded says nothing about this step.
    const { state: seen, commit } = this.#inexact.has(at) ? kept : computed;
    const { redact, shownState } = this.options;
    const shown = scope === '' && shownState !== undefined ? shownState(state, seen) : redact(seen);
    this.observations.steps.set(at, { state: shown, commit: redactEntryOf(commit, redact) });
    return kept;
  }

  get controlled(): Clock | undefined {
    return this.options.controlled;
  }
  get quiet(): Quiet {
    return this.options.quiet;
  }
  get isLenient(): boolean {
    return this.options.lenient;
  }
  get adopts(): Adopting | undefined {
    return this.options.adopts;
  }
  notePartner(replayed: AttemptKey, recorded: AttemptKey): void {
    if (this.options.adopts !== undefined) this.observations.partners.set(replayed, recorded);
  }

  pairScope(replayed: AttemptKey, pair: ScopePair): void {
    this.#scopes.set(replayed, pair);
  }

  /** The replay continues from the recorded result. */
  noteResult(
    at: AttemptKey,
    { node, result: recorded }: Pick<OutcomeEntry, 'node' | 'result'>,
    replayed: AttemptResult,
  ): void {
    if (sameValue(recorded as Value, replayed as Value)) return;
    const settled = this.options.settled?.(recorded, replayed) ?? replayed;
    const compared = this.options.compared(recorded, settled, node);
    if (compared !== recorded) this.observations.results.set(at, compared);
  }

  noteUnrecordedRead(source: string, at: AttemptKey): void {
    this.observations.unrecordedReads += 1;
    this.observations.unrecordedRead ??= `${source} in ${at}`;
  }
}
