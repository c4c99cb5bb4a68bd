// The graph of a recorded scope and today's. Where a replay continues from what was recorded, that has to fit today's
// graph: a field, a join or a node that is gone has no place in it, and a new field keeps the value that it has today.
import { canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { FunctionNode, GraphSpec } from '../../graph/spec.ts';
import type { GraphDescription, NodeDescription } from '../../journal/description.ts';
import type { AttemptResult, EditEntry, JoinArrivals, TaskSpec } from '../../journal/entry.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { RecordValue } from '../../journal/record-value.ts';

export class GraphPair {
  readonly recorded: GraphDescription;
  readonly today: GraphSpec;
  /** The descriptions may differ. */
  readonly #isChanged: boolean;
  #nodes: ReadonlyMap<string, NodeDescription> | undefined;

  constructor(recorded: GraphDescription, today: GraphSpec, isChanged: boolean) {
    this.recorded = recorded;
    this.today = today;
    this.#isChanged = isChanged;
  }

  /** The graphs inside a node, if it is a subgraph in both. */
  inner(node: string): GraphPair | undefined {
    const recorded = this.nodeOf(node)?.subgraph;
    const today = this.today.nodes.get(node);
    if (recorded === undefined || today?.kind !== 'subgraph') return undefined;
    return new GraphPair(recorded, today.graph, this.#isChanged);
  }

  nodeOf(name: string): NodeDescription | undefined {
    this.#nodes ??= new Map(this.recorded.nodes.map((node) => [node.name, node]));
    return this.#nodes.get(name);
  }

  /** A recorded node that today's graph lacks. It runs no code: what it did is taken from the recording. */
  standIn(name: string): FunctionNode | undefined {
    if (!this.#isChanged || this.today.nodes.has(name)) return undefined;
    const { attempts, timeoutMs, onError } = this.nodeOf(name) ?? {};
    const policy = {
      ...(attempts === undefined ? {} : { retry: { attempts } }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(onError === undefined ? {} : { onError }),
    };
    return { kind: 'function', name, policy, run: () => undefined };
  }

  /** The node that took this one's failures, if today's graph has none for them. */
  goneHandler(name: string): string | undefined {
    if (!this.#isChanged || this.today.nodes.get(name)?.policy.onError !== undefined) return undefined;
    return this.nodeOf(name)?.onError;
  }

  /** The tasks that today's graph leads to: a failure reaches a handler that is gone only because it was recorded so. */
  ownTasks(frontier: readonly TaskSpec[]): readonly TaskSpec[] {
    if (!this.#isChanged) return frontier;
    const isLent = ({ node, input }: TaskSpec): boolean =>
      isRecordValue(input) && typeof input.node === 'string' && this.goneHandler(input.node) === node;
    return frontier.some(isLent) ? frontier.filter((task) => !isLent(task)) : frontier;
  }

  /** A recorded result without the fields that only the recorded graph has. */
  resultToday(result: AttemptResult): AttemptResult {
    if (!this.#isChanged || result.status !== 'done' || !isRecordValue(result.delta)) return result;
    const { state } = this.today;
    if (state.kind !== 'fields' || Object.keys(result.delta).every((name) => state.fields.has(name))) return result;
    const kept = Object.entries(result.delta).filter(([name]) => state.fields.has(name));
    return { ...result, delta: canonicalRecord(kept) };
  }

  /** A recorded state with the fields of today's graph. What the recording lacks is what was computed. */
  stateToday(recorded: Value, computed: Value): Value {
    const { state } = this.today;
    if (!this.#isChanged || state.kind !== 'fields' || !isRecordValue(recorded) || !isRecordValue(computed))
      return recorded;
    const fields = Object.entries(computed).map(([name, value]): readonly [string, Value] => [
      name,
      Object.hasOwn(recorded, name) ? (recorded as RecordValue)[name] : value,
    ]);
    return canonicalRecord(fields);
  }

  /** A change of the recorded state from outside, without the fields that today's state never had. */
  editToday(edit: EditEntry): EditEntry {
    const { state } = this.today;
    const { patch } = edit;
    if (patch.kind !== 'record' || state.kind !== 'fields' || patch.removed.every((name) => state.fields.has(name)))
      return edit;
    return { ...edit, patch: { ...patch, removed: patch.removed.filter((name) => state.fields.has(name)) } };
  }

  /** Recorded arrivals under the numbers of today's joins. Those at a join that is gone are dropped. */
  joinsToday(joins: JoinArrivals | undefined): JoinArrivals | undefined {
    if (!this.#isChanged || joins === undefined) return joins;
    const before = this.recorded.edges.filter((edge) => edge.kind === 'join').map(joinName);
    const now = this.today.joins.map(joinName);
    const kept = Object.entries(joins).flatMap(([join, sources]): readonly (readonly [number, typeof sources])[] => {
      const place = now.indexOf(before[Number(join)] ?? '');
      return place < 0 ? [] : [[place, sources]];
    });
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }
}

function joinName({ from, to }: { readonly from: readonly string[]; readonly to: string }): string {
  return JSON.stringify([from, to]);
}
