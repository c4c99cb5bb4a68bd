// What recorded runs wrote: the deltas and the states of each scope, and what their effects were answered with.
import { RepriseError } from '../../../base/error.ts';
import { canonicalTextOf } from '../../../base/canonical-json.ts';
import type { Value } from '../../../base/value.ts';
import { StepGatherer } from '../../../journal/run/canonical.ts';
import type { CanonicalStep } from '../../../journal/run/canonical.ts';
import type { GraphDescription } from '../../../journal/description.ts';
import type { AttemptResult, CommitEntry, EffectEntry, Entry, TaskSpec } from '../../../journal/entry.ts';
import { StateFold } from '../../../journal/fold/state-fold.ts';
import { attemptNumber, rankOfTask, scopeOfStep, stepOfTask, taskOfAttempt } from '../../../journal/key.ts';
import type { AttemptKey, ScopeKey, StepKey, TaskKey } from '../../../journal/key.ts';
import { openFixture } from '../../../store/fixture/open-fixture.ts';

/** A recorded run: the path of a fixture, or a journal, such as `store.read('desk-1')`. */
export type RecordedRun = string | Iterable<Entry> | AsyncIterable<Entry>;

export interface RecordedDelta {
  readonly node: string;
  readonly delta: Value;
}

/** What was recorded in one graph, or in one graph inside it. */
export interface RecordedScope {
  /** What tasks wrote, and the inputs. */
  readonly deltas: readonly RecordedDelta[];
  /** After each commit. */
  readonly states: readonly Value[];
}

export interface RecordedEffect {
  /** That asked for it. */
  readonly node: string;
  readonly effect: EffectEntry;
}

export interface RecordedValues {
  readonly runCount: number;
  /** The inputs of the runs. */
  readonly inputs: readonly Value[];
  /** By the nodes whose graphs it lies in: `''` is the run itself, `research` the graph of that node. */
  readonly scopes: ReadonlyMap<string, RecordedScope>;
  readonly effects: readonly RecordedEffect[];
}

export const inputNode = 'input';
const emptyScope: RecordedScope = { deltas: [], states: [] };

export function scopeOf(recorded: RecordedValues, nodes: readonly string[]): RecordedScope {
  return recorded.scopes.get(nodes.join('/')) ?? emptyScope;
}

/**
 * @param graph the name of the graph whose runs they are to be; any if left out
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`
 */
export async function recordedValues(runs: readonly RecordedRun[], graph?: string): Promise<RecordedValues> {
  const reader = new RecordReader();
  for (const run of runs) {
    if (typeof run === 'string') {
      using fixture = await openFixture(run);
      checkGraph(fixture.run.graph.name, graph, run);
      for (const step of fixture.steps()) reader.add(step);
    } else {
      const gatherer = new StepGatherer();
      for await (const entry of run) {
        if (entry.kind === 'run') checkGraph(entry.graph.name, graph, `run "${entry.observed.runId}"`);
        const step = gatherer.add(entry);
        if (step !== undefined) reader.add(step);
      }
      for (const step of gatherer.rest()) reader.add(step);
      const open = gatherer.open();
      if (open !== undefined) reader.add(open);
    }
    reader.endRun();
  }
  return reader.values;
}

function checkGraph(recorded: string, wanted: string | undefined, what: string): void {
  if (wanted === undefined || recorded === wanted) return;
  throw new RepriseError('fixture-other-graph', `${what} was recorded with graph "${recorded}", not "${wanted}"`, {
    nextStep: `Name runs of graph "${wanted}".`,
    fields: { recorded, given: wanted },
  });
}

interface OpenScope {
  readonly path: string;
  readonly graph: GraphDescription;
  readonly states: StateFold;
  frontier: readonly TaskSpec[];
  /** By task, since the last commit. */
  results: Map<TaskKey, { readonly attempt: number; readonly node: string; readonly result: AttemptResult }>;
}

class RecordReader {
  #runCount = 0;
  readonly #inputs: Value[] = [];
  readonly #effects: RecordedEffect[] = [];
  /** Those of attempts whose node is not known yet. */
  #asked: EffectEntry[] = [];
  readonly #scopes = new Map<string, { deltas: RecordedDelta[]; states: Value[] }>();
  readonly #open = new Map<ScopeKey, OpenScope>();
  #graph: GraphDescription | undefined;

  get values(): RecordedValues {
    return { runCount: this.#runCount, inputs: this.#inputs, scopes: this.#scopes, effects: this.#effects };
  }

  endRun(): void {
    this.#runCount += 1;
    // A step whose merge failed has no commit, and its deltas are the ones that matter.
    for (const scope of this.#open.values()) this.#keepDeltas(scope, doneIn(scope));
    this.#effects.push(...this.#asked.map((effect) => ({ node: '', effect })));
    this.#asked = [];
    this.#open.clear();
    this.#graph = undefined;
  }

  add({ entries }: CanonicalStep): void {
    for (const entry of entries) {
      switch (entry.kind) {
        case 'run':
          this.#graph = entry.graph;
          break;
        case 'effect':
          this.#asked.push(entry);
          break;
        case 'outcome':
          this.#outcome(entry.at, entry.node, entry.result);
          break;
        case 'commit':
          this.#commit(entry);
          break;
        case 'edit':
          this.#open.get(scopeOfStep(entry.at))?.states.edit(entry);
          break;
        default:
          break;
      }
    }
  }

  #outcome(at: AttemptKey, node: string, result: AttemptResult): void {
    const own = this.#asked.filter((effect) => effect.at === at);
    this.#effects.push(...own.map((effect) => ({ node, effect })));
    if (own.length > 0) this.#asked = this.#asked.filter((effect) => effect.at !== at);
    const task = taskOfAttempt(at);
    const scope = this.#open.get(scopeOfStep(stepOfTask(task)));
    const attempt = attemptNumber(at);
    if (scope !== undefined && (scope.results.get(task)?.attempt ?? 0) < attempt)
      scope.results.set(task, { attempt, node, result });
  }

  #commit({ at, input, patch, frontier }: CommitEntry): void {
    if (input !== undefined) {
      const scope = this.#begin(at);
      if (scope === undefined) return;
      scope.states.begin(input, patch);
      this.#keep(scope, [{ node: inputNode, delta: input }], frontier);
      if (scope.path === '') this.#inputs.push(input);
      return;
    }
    const scope = this.#open.get(scopeOfStep(at));
    if (scope === undefined) return;
    const done = doneIn(scope);
    scope.states.commit(
      done.map(({ delta }) => delta),
      patch,
    );
    this.#keep(scope, done, frontier);
  }

  #keep(scope: OpenScope, deltas: readonly RecordedDelta[], frontier: readonly TaskSpec[]): void {
    scope.frontier = frontier;
    scope.results = new Map();
    this.#keepDeltas(scope, deltas).states.push(scope.states.state);
  }

  #keepDeltas({ path }: OpenScope, deltas: readonly RecordedDelta[]): { readonly states: Value[] } {
    let kept = this.#scopes.get(path);
    if (kept === undefined) {
      kept = { deltas: [], states: [] };
      this.#scopes.set(path, kept);
    }
    kept.deltas.push(...deltas);
    return kept;
  }

  /** An inner run begins: its graph is that of the node whose attempt it belongs to. */
  #begin(at: StepKey): OpenScope | undefined {
    const key = scopeOfStep(at);
    const outer = key === '' ? undefined : this.#open.get(scopeOfStep(stepOfTask(taskOfAttempt(key))));
    const node = key === '' ? undefined : outer?.frontier[rankOfTask(taskOfAttempt(key))]?.node;
    const graph =
      key === '' ? this.#graph : outer?.graph.nodes.find(({ name, subgraph }) => name === node && subgraph)?.subgraph;
    if (graph === undefined) return undefined;
    const path = outer === undefined ? '' : [outer.path, node].filter((part) => part !== '').join('/');
    const scope = { path, graph, states: new StateFold(graph.state), frontier: [], results: new Map() };
    this.#open.set(key, scope);
    return scope;
  }
}

/** In rank order. */
function doneIn({ results }: OpenScope): readonly RecordedDelta[] {
  return [...results]
    .sort(([left], [right]) => rankOfTask(left) - rankOfTask(right))
    .flatMap(([, { node, result }]) =>
      result.status === 'done' && result.delta !== undefined ? [{ node, delta: result.delta }] : [],
    );
}

const samplesMax = 300;
const sampleLengthMax = 50_000;

/** Distinct values, small ones first, and no more than a law can make use of. */
export function samplesOf(values: Iterable<Value>): readonly Value[] {
  const byText = new Map<string, Value>();
  for (const value of values) {
    const text = canonicalTextOf(value);
    if (text.length <= sampleLengthMax) byText.set(text, value);
  }
  return [...byText]
    .sort(([left], [right]) => left.length - right.length || (left < right ? -1 : 1))
    .slice(0, samplesMax)
    .map(([, value]) => value);
}
