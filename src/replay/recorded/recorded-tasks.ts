// The tasks of a recorded run, wherever in the run they stand: today's code may come to them earlier or later, because nodes were
// added, removed or moved before them.
//   T1. A recorded task answers one task of today, and a recorded effect one effect.
//   T2. Where the nodes stand as they stood, a step is answered from the recorded one of its number. Where they do not, the
//       steps of each node are counted: its third is answered from its third.
//   T3. An effect that its own task did not record is looked for under its node, else under any. There it has to be the only one
//       of its kind, or all of them those of one node.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { requestDigest } from '../../journal/effect-identity.ts';
import type { EffectEntry, EffectRef, EffectType, RunEnd, TaskSpec } from '../../journal/entry.ts';
import type { GraphDescription } from '../../journal/description.ts';
import { rootScope, rootTask, stepKey, stepNumber, stepOfTask, taskKey } from '../../journal/key.ts';
import type { TaskKey } from '../../journal/key.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import { partnersOf } from './paired-ranks.ts';
import type { ReadStep } from './read-steps.ts';
import { isStop, notRecorded } from './recording.ts';
import type { RecordedTask } from './replayed-pairs.ts';

interface FoundEffect {
  readonly effect: EffectEntry;
  readonly node: string | undefined;
  readonly step: StepIndex;
}

/** What is found elsewhere by its request alone. Time and signals are found only under the node that asked for them. */
const kindsOfAnyNode: readonly EffectType[] = ['call', 'http', 'ask'];
const kindsOfNode: readonly EffectType[] = [...kindsOfAnyNode, 'receive', 'now'];

export class RecordedTasks {
  readonly #steps: readonly ReadStep[];
  readonly #areMoved: boolean;
  /** Undefined if a step is answered from the recorded one of its number, and from no other. */
  readonly #nodes: ReadonlySet<string> | undefined;
  readonly #claimed = new Set<TaskKey>();
  /** The recorded tasks that answer those of the open step. */
  #open: ReadonlySet<TaskKey> = new Set();
  /** In how many steps each node has run today. */
  readonly #turns = new Map<string, number>();
  #effects: ReadonlyMap<string, readonly FoundEffect[]> | undefined;

  /** `steps`: all of them. Without `graphs`, a step is answered from the recorded one of its number, and from no other. */
  constructor(
    steps: readonly ReadStep[],
    graphs: { readonly recorded: GraphDescription; readonly today: GraphDescription } | undefined,
  ) {
    this.#steps = steps;
    this.#areMoved = graphs !== undefined && !sameValue(placesOfNodes(graphs.recorded), placesOfNodes(graphs.today));
    this.#nodes = graphs && new Set(graphs.today.nodes.map(({ name }) => name));
  }

  /** The recorded tasks that answer those of a step of the run itself, in their order. */
  open(number: number, tasks: readonly TaskSpec[]): readonly (RecordedTask | undefined)[] {
    const found = new Array<RecordedTask | undefined>(tasks.length).fill(undefined);
    if (!this.#areMoved) this.#claim(number, tasks, found);
    for (const node of this.#nodes === undefined ? [] : new Set(tasks.map((task) => task.node))) {
      const turn = this.#turns.get(node) ?? 0;
      this.#turns.set(node, turn + 1);
      const from = this.#areMoved ? this.#stepsOf(node)[turn] : this.#firstLeft(node, number);
      if (from !== undefined) this.#claim(from, tasks, found, node);
    }
    this.#open = new Set(found.flatMap((task) => task?.key ?? []));
    return found;
  }

  /**
   * How the run ends before a step that none of the recorded tasks answers. What cancelled or limited it would do so today; what
   * its code came to may come to more. `isBeyond`: the recording has no step of this number.
   */
  endBefore(tasks: readonly TaskSpec[], isBeyond: boolean): RunEnd | undefined {
    const { end = notRecorded, frontier = [] } = this.#steps.at(-1) ?? {};
    // The tasks before which it was stopped stand in the recording, and have not run.
    if ([...this.#open].some((key) => this.#hasRun(key)) || !isStop(end) || this.#hasLeft) return undefined;
    const waited = new Set(frontier.map(({ node }) => node));
    return isBeyond || tasks.every(({ node }) => waited.has(node)) ? end : undefined;
  }

  /** Whether recorded tasks are left that today's graph may still come to. */
  get #hasLeft(): boolean {
    return this.#steps.some(({ step }) =>
      this.#frontier(step).some(
        ({ node }, rank) =>
          this.#nodes?.has(node) !== false && !this.#claimed.has(keyOf(step, rank)) && this.#hasRun(keyOf(step, rank)),
      ),
    );
  }

  /** Whether a task of the open step is answered from that of this effect. */
  isOpen({ at }: EffectEntry): boolean {
    return this.#open.has(rootTask(at));
  }

  /** The recorded effect that answers one which its own task did not record. It answers nothing else from now on. */
  take(
    ref: EffectRef,
    node: string,
    isAlike?: (recorded: EffectRef, asked: EffectRef) => boolean,
  ): FoundEffect | undefined {
    if (this.#nodes === undefined || !kindsOfNode.includes(ref.type)) return undefined;
    const equal = this.#free(ref).filter(({ effect }) => sameValue(effect.request, ref.request));
    const alike = equal.length > 0 || isAlike === undefined ? equal : this.#freeAlike(ref, isAlike);
    const found = this.#best(alike, ref, node);
    found?.step.moveAway(found.effect);
    return found;
  }

  #best(alike: readonly FoundEffect[], ref: EffectRef, node: string): FoundEffect | undefined {
    const placed = alike.filter(({ effect }) => isSamePlace(effect, ref));
    const own = placed.find((found) => found.node === node);
    if (own !== undefined || !kindsOfAnyNode.includes(ref.type)) return own;
    const [first] = placed;
    if (first !== undefined && placed.every((found) => found.node === first.node)) return first;
    return alike.length === 1 ? alike[0] : undefined;
  }

  #free({ type, name, request }: EffectRef): readonly FoundEffect[] {
    return (this.#all.get(likeOf(type, name, request)) ?? []).filter(this.#isFree);
  }

  #freeAlike(ref: EffectRef, isAlike: (recorded: EffectRef, asked: EffectRef) => boolean): readonly FoundEffect[] {
    return [...this.#all.values()]
      .flat()
      .filter(
        (found) =>
          found.effect.type === ref.type &&
          found.effect.name === ref.name &&
          this.#isFree(found) &&
          isAlike(found.effect, ref),
      );
  }

  readonly #isFree = ({ effect, step }: FoundEffect): boolean =>
    step.attempt(effect.at)?.isUsed(effect) === false && !this.isOpen(effect);

  get #all(): ReadonlyMap<string, readonly FoundEffect[]> {
    this.#effects ??= this.#read();
    return this.#effects;
  }

  #read(): ReadonlyMap<string, readonly FoundEffect[]> {
    const all = new Map<string, FoundEffect[]>();
    for (const { index: step } of this.#steps) {
      for (const effect of step.entries) {
        if (effect.kind !== 'effect') continue;
        const like = likeOf(effect.type, effect.name, effect.request);
        const found = { effect, node: step.attempt(effect.at)?.outcome?.node, step };
        const known = all.get(like);
        if (known === undefined) all.set(like, [found]);
        else known.push(found);
      }
    }
    return all;
  }

  #frontier(number: number): readonly TaskSpec[] {
    return this.#steps[number - 1]?.frontier ?? [];
  }

  #hasRun(key: TaskKey): boolean {
    return this.#steps[stepNumber(stepOfTask(key))]?.index.attempt(`${key}#1`) !== undefined;
  }

  /** The recorded steps in which a node runs. */
  #stepsOf(node: string): readonly number[] {
    return this.#steps.flatMap(({ step }) => (this.#frontier(step).some((task) => task.node === node) ? [step] : []));
  }

  /** The first recorded step that today's run is past, and that has tasks of a node left. */
  #firstLeft(node: string, number: number): number | undefined {
    return this.#steps.find(
      ({ step }) =>
        step < number &&
        this.#frontier(step).some((task, rank) => task.node === node && !this.#claimed.has(keyOf(step, rank))),
    )?.step;
  }

  /** `node`: for its tasks only. */
  #claim(number: number, tasks: readonly TaskSpec[], found: (RecordedTask | undefined)[], node?: string): void {
    const step = this.#steps[number]?.index;
    if (step === undefined) return;
    const recorded = this.#frontier(number);
    const isMeant = (task: TaskSpec): boolean => node === undefined || task.node === node;
    const left = [...recorded.keys()].filter(
      (rank) => isMeant(recorded[rank] as TaskSpec) && !this.#claimed.has(keyOf(number, rank)),
    );
    const open = [...tasks.keys()].filter((rank) => isMeant(tasks[rank] as TaskSpec) && found[rank] === undefined);
    const pairs = partnersOf(
      left.map((rank) => recorded[rank] as TaskSpec),
      open.map((rank) => tasks[rank] as TaskSpec),
    );
    for (const [today, before] of pairs) {
      const rank = left[before] as number;
      const key = keyOf(number, rank);
      this.#claimed.add(key);
      found[open[today] as number] = { key, rank, step };
    }
  }
}

function keyOf(number: number, rank: number): TaskKey {
  return taskKey(stepKey(rootScope, number), rank);
}

/** One of those tasks that are in the same step as most of them: the first, if there are several such steps. */
export function mostOf(tasks: readonly (RecordedTask | undefined)[]): RecordedTask | undefined {
  const counts = new Map<StepIndex, number>();
  for (const task of tasks) if (task !== undefined) counts.set(task.step, (counts.get(task.step) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return tasks.find((task) => task !== undefined && counts.get(task.step) === most);
}

function likeOf(type: EffectType, name: string, request: Value): string {
  return JSON.stringify([type, name, requestDigest(request)]);
}

function isSamePlace(left: EffectRef, right: EffectRef): boolean {
  return left.label === right.label && left.task === right.task && left.occurrence === right.occurrence;
}

/** Which nodes there are, and what leads to them. */
function placesOfNodes({ nodes, edges, start }: GraphDescription): Value {
  return { start, nodes: nodes.map(({ name }) => name), edges } as unknown as Value;
}
