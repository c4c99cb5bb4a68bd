// The builder: `graph(name, { state }).node(…).edge(…).start(…).build()`.
import { anyFunction, anything, filledText, functionOf, required, text } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { objectWith, optionsIn, recordOf } from '../../base/options/option-parts.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../../base/options/option-shape.ts';
import type { AnyGraph, BuiltGraph } from '../built-graph.ts';
import type { EdgeOptions, GraphBuilder, SubgraphMapping } from '../types/builder-types.ts';
import type { Draft, DraftEdge, DraftNode } from './draft.ts';
import type { Shape, State } from '../types/field-types.ts';
import { finishGraph } from './finish.ts';
import type { CheckInputs, InputSpecs, InputsOf } from '../types/input-types.ts';
import { inputKind } from '../input.ts';
import type { GraphSchemas, WithInput } from '../types/schema-types.ts';
import { schemaKind } from '../types/standard-schema.ts';
import type { AnySchema } from '../types/standard-schema.ts';
import { nameLengthMax, nameProblem } from '../name.ts';
import { nodePolicy } from './node-policy.ts';
import { validateDraft } from './validate.ts';

// The names of the nodes that take an input are inferred. The empty object means that none does.
// biome-ignore lint/complexity/noBannedTypes: `{}` is what an absent `inputs` has to be for the types
type NoInputs = {};

/** What `graph` is given besides its name. Only `state` is required. */
export interface GraphOptions<S extends Shape, Specs extends InputSpecs, Given = S['input'], Checked = unknown> {
  /** The state of a run, and how deltas are merged into it: `fields({ … })` or `reducer(…)`. */
  readonly state: State<S>;
  /** Inputs of nodes that `send` or `onError` reaches, by node: `input<Type>()`, `failure()`, or a Standard Schema. */
  readonly inputs?: Specs & NoInfer<CheckInputs<Specs>>;
  /** Standard Schemas for the input of a run and for the state. Schemas of `send` payloads go under `inputs`. */
  readonly schema?: GraphSchemas<S, Given, Checked>;
  /**
   * Part of the fingerprint of the graph. Raise it when the code of nodes changes in a way that matters to recorded
   * runs.
   */
  readonly version?: string;
  /**
   * Migrates the state of a run that began with another version, when the run is resumed. It gets the old state
   * (including fields that are gone) and the old version, and returns the whole new state. It is called once, and its
   * result is journaled.
   */
  readonly migrate?: (state: Readonly<Record<string, unknown>>, from: string | undefined) => S['state'];
}

/**
 * Starts a graph: nodes, edges, and a state with a reducer for each field.
 *
 * Each call returns a new builder. `build()` validates the graph and freezes it. Mistakes in names, payloads and deltas
 * are compile errors where the types can see them, and coded errors of `build()` otherwise.
 *
 * ```ts
 * import { append, createEngine, fields, graph, input, last } from 'reprise';
 *
 * const fan = graph('fan', {
 *   state: fields({ words: last<string[]>(), lengths: append<number>() }),
 *   inputs: { measure: input<{ word: string }>() },
 * })
 *   .node('begin', (state, { send }) => ({ route: state.words.map((word) => send('measure', { word })) }))
 *   .node('measure', async (_state, { input }) => ({ delta: { lengths: [input.word.length] } }))
 *   .start('begin')
 *   .build();
 *
 * const engine = createEngine(fan);
 * console.log((await engine.run({ words: ['one', 'three'] }).orThrow()).lengths); // [ 3, 5 ]
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`, here and in each method of the builder.
 */
export function graph<
  S extends Shape,
  const Specs extends InputSpecs = NoInputs,
  Given = S['input'],
  Checked = unknown,
>(
  name: string,
  options: GraphOptions<S, Specs, Given, Checked>,
): GraphBuilder<WithInput<S, Given>, InputsOf<Specs>, never, never, false> {
  const builder = new DraftBuilder(firstDraft(name, options));
  // The types above are the contract, and everything inside is plain data. This is where the two meet.
  return builder as unknown as GraphBuilder<WithInput<S, Given>, InputsOf<Specs>, never, never, false>;
}

const graphName: OptionKind = {
  wanted: `a name of 1 to ${nameLengthMax} characters without control characters, "/", "[", "]", ":" or "#"`,
  fits: (name) => nameProblem(name) === undefined,
};

type LooseOptions = GraphOptions<Shape, InputSpecs>;

export const graphOptions = optionShape<LooseOptions>('graph', {
  state: required(objectWith('fields({ … }) or reducer(…)', { '~state': required(anything) })),
  inputs: recordOf(inputKind, 'an object of inputs by node'),
  schema: optionsIn<GraphSchemas<Shape, unknown, unknown>>({ state: schemaKind, input: schemaKind }),
  version: filledText,
  migrate: anyFunction,
});

function firstDraft(name: string, options: unknown): Draft {
  checkArgument('graph', 'name', graphName, name);
  checkOptions(graphOptions, options, `graph "${name}"`);
  const { state, inputs = {}, schema = {}, version, migrate } = options as LooseOptions;
  const spec = state['~state'];
  return Object.freeze({
    name,
    ...(schema.input === undefined ? {} : { inputSchema: schema.input as AnySchema }),
    ...(migrate === undefined ? {} : { migrate }),
    ...(version === undefined ? {} : { version }),
    state: schema.state === undefined ? spec : Object.freeze({ ...spec, schema: schema.state as AnySchema }),
    inputs: new Map(Object.entries(inputs)),
    nodes: [],
    edges: [],
    starts: [],
  });
}

export const edgeOptions = optionShape<EdgeOptions<unknown>>('edge', { when: anyFunction, label: text });

export const subgraphMapping = optionShape<SubgraphMapping<Shape, AnyGraph, unknown>>('subgraph mapping', {
  input: required(functionOf("a function that gives the inner run's input")),
  output: required(functionOf('a function that gives the delta')),
});

const nodeFunction = functionOf('the function of the node');
const builtGraph: OptionKind = {
  wanted: 'a built graph: call .build() on the inner graph',
  fits(child) {
    const built = child as Partial<BuiltGraph> | null | undefined;
    return built?.kind === 'graph' && built.spec !== undefined;
  },
};
const listOfNodes: OptionKind = { wanted: 'a list of nodes', fits: Array.isArray };

class DraftBuilder {
  readonly #draft: Draft;

  constructor(draft: Draft) {
    this.#draft = draft;
    Object.freeze(this);
  }

  define(name: string, run: unknown): unknown {
    checkArgument(`node "${name}"`, 'run', nodeFunction, run);
    return run;
  }

  node(name: string, run: unknown, options?: unknown): DraftBuilder {
    checkArgument(`node "${name}"`, 'run', nodeFunction, run);
    return this.#withNode({
      kind: 'function',
      name,
      policy: nodePolicy(options, name, 'function'),
      run: run as () => unknown,
    });
  }

  subgraph(name: string, child: unknown, mapping: unknown, options?: unknown): DraftBuilder {
    const door = `subgraph "${name}"`;
    checkArgument(door, 'child', builtGraph, child);
    checkOptions(subgraphMapping, mapping, door);
    const { input, output } = mapping as SubgraphMapping<Shape, AnyGraph, unknown>;
    return this.#withNode({
      kind: 'subgraph',
      name,
      policy: nodePolicy(options, name, 'subgraph'),
      graph: (child as BuiltGraph).spec,
      input,
      output,
    });
  }

  edge(from: string, to: string, options?: unknown): DraftBuilder {
    checkOptions(edgeOptions, options, `edge "${from}" -> "${to}"`);
    const { when, label } = (options ?? noOptions) as EdgeOptions<unknown>;
    return this.#withEdge({
      kind: 'edge',
      from,
      to,
      ...(when === undefined ? {} : { when }),
      ...(label === undefined ? {} : { label }),
    });
  }

  join(from: unknown, to: string): DraftBuilder {
    checkArgument(`join to "${to}"`, 'from', listOfNodes, from);
    return this.#withEdge({ kind: 'join', from: Object.freeze([...(from as readonly string[])]), to });
  }

  start(name: string): DraftBuilder {
    return new DraftBuilder({ ...this.#draft, starts: [...this.#draft.starts, name] });
  }

  build(): BuiltGraph {
    validateDraft(this.#draft);
    return finishGraph(this.#draft);
  }

  #withNode(node: DraftNode): DraftBuilder {
    return new DraftBuilder({ ...this.#draft, nodes: [...this.#draft.nodes, Object.freeze(node)] });
  }

  #withEdge(edge: DraftEdge): DraftBuilder {
    return new DraftBuilder({ ...this.#draft, edges: [...this.#draft.edges, Object.freeze(edge)] });
  }
}
