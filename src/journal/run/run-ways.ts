// The ways that a run goes through its graph, as texts: nodes, edges, errors, effects and tasks. Two runs with the same
// ways test the same code.
import { errorParts } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { GraphDescription } from '../description.ts';
import type { CommitEntry, EffectEntry, Entry, OutcomeEntry, RunEntry } from '../entry.ts';
import { attemptOfCleanUp, scopeOfStep, stepOfTask, taskOfAttempt } from '../key.ts';
import type { AttemptKey, ScopeKey } from '../key.ts';

export class RunWays {
  readonly #graph: GraphDescription;
  readonly #found = new Set<string>();

  constructor(run: RunEntry) {
    this.#graph = run.graph;
  }

  /** Each once, in the order in which they were found. */
  get found(): ReadonlySet<string> {
    return this.#found;
  }

  /** Adds the canonical entries of a step, with those of the inner runs in it. */
  addStep(entries: readonly Entry[]): void {
    const step = new StepWays(this.#graph, entries);
    for (const entry of entries) for (const way of step.waysOf(entry)) this.#found.add(way);
  }
}

/** Looks entries up in one step. */
class StepWays {
  readonly #graph: GraphDescription;
  readonly #outcomes = new Map<string, OutcomeEntry>();
  /** The last outcome of each task, by the step that it is a task of. */
  readonly #ends = new Map<string, Map<string, OutcomeEntry>>();

  constructor(graph: GraphDescription, entries: readonly Entry[]) {
    this.#graph = graph;
    for (const entry of entries) {
      if (entry.kind !== 'outcome') continue;
      this.#outcomes.set(entry.at, entry);
      const task = taskOfAttempt(entry.at);
      const ends = this.#ends.get(stepOfTask(task)) ?? new Map<string, OutcomeEntry>();
      this.#ends.set(stepOfTask(task), ends.set(task, entry));
    }
  }

  waysOf(entry: Entry): readonly string[] {
    switch (entry.kind) {
      case 'outcome':
        return this.#waysOfOutcome(entry);
      case 'effect':
        return [`effect ${this.#nodeAt(entry.at)}: ${effectName(entry)}`];
      case 'task':
        return [`task ${this.#nodeAt(entry.at)}: ${entry.path.replace(/#\d+/g, '')}`];
      case 'commit':
        return this.#edgesOf(entry);
      case 'end':
        return [`end ${entry.end.status}`];
      default:
        return [];
    }
  }

  #waysOfOutcome({ at, result }: OutcomeEntry): readonly string[] {
    const node = this.#nodeAt(at);
    return result.status === 'done' ? [`node ${node}`] : [`error ${node}: ${errorName(result.error)}`];
  }

  /** The edges from the tasks of the step to the tasks that come next. */
  #edgesOf({ at, frontier }: CommitEntry): readonly string[] {
    const scope = scopeOfStep(at);
    const next = new Set(frontier.map(({ node }) => node));
    const prefix = this.#prefixOf(scope);
    return [...(this.#ends.get(at)?.values() ?? [])].flatMap((outcome) =>
      targetsOf(outcome, this.#graphOf(scope))
        .filter((target) => next.has(target))
        .map((target) => `edge ${prefix}${outcome.node} -> ${prefix}${target}`),
    );
  }

  #nodeAt(at: AttemptKey): string {
    const attempt = attemptOfCleanUp(at);
    const { node } = this.#outcomes.get(attempt) ?? { node: '?' };
    return `${this.#prefixOf(scopeOfStep(stepOfTask(taskOfAttempt(attempt))))}${node}`;
  }

  #prefixOf(scope: ScopeKey): string {
    return scope === '' ? '' : `${this.#nodeAt(scope)}/`;
  }

  #graphOf(scope: ScopeKey): GraphDescription | undefined {
    if (scope === '') return this.#graph;
    const outer = this.#graphOf(scopeOfStep(stepOfTask(taskOfAttempt(scope))));
    const node = this.#outcomes.get(scope)?.node;
    return outer?.nodes.find(({ name }) => name === node)?.subgraph;
  }
}

/** Where a task may have led to. */
function targetsOf({ node, result }: OutcomeEntry, graph: GraphDescription | undefined): readonly string[] {
  if (graph === undefined) return [];
  if (result.status !== 'done') {
    const handler = graph.nodes.find(({ name }) => name === node)?.onError;
    return handler === undefined ? [] : [handler];
  }
  if (result.routes !== undefined)
    return [...new Set(result.routes.flatMap((route) => (route.kind === 'stop' ? [] : [route.node])))];
  return graph.edges
    .filter((edge) => (edge.kind === 'join' ? edge.from.includes(node) : edge.from === node))
    .map(({ to }) => to);
}

/** Of a request: where it goes and how it was answered. Its path may hold ids, so that no two would be the same. */
function effectName({ type, name, request, outcome }: EffectEntry): string {
  if (type !== 'http') return name === '' ? type : `${type} ${name}`;
  const { method, origin } = request as { readonly method?: Value; readonly origin?: Value };
  const status =
    outcome.kind === 'error' ? errorName(outcome.error) : (outcome.value as { status?: Value } | null)?.status;
  return `${String(method)} ${String(origin)} ${String(status)}`;
}

function errorName(error: Value): string {
  if (!(error instanceof Error)) return typeof error;
  const { name, fields } = errorParts(error);
  return typeof fields.code === 'string' ? fields.code : name;
}
