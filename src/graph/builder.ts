// The builder: `graph(name, { state }).node(…).edge(…).start(…).build()`.
import { checkFunctionOption, checkOptionKeys, checkOptionObject, optionInvalid } from '../base/option-check.ts';
import type { BuiltGraph } from './built-graph.ts';
import type { GraphBuilder } from './builder-types.ts';
import type { Draft, DraftEdge, DraftNode } from './draft.ts';
import type { Shape, State } from './field-types.ts';
import { finishGraph } from './finish.ts';
import type { CheckInputs, InputSpec, InputSpecs, InputsOf } from './input-types.ts';
import { checkInputSpec } from './input.ts';
import type { GraphSchemas, WithInput } from './schema-types.ts';
import { isSchema } from './standard-schema.ts';
import type { AnySchema } from './standard-schema.ts';
import { nameProblem } from './name.ts';
import { nodePolicy } from './node-policy.ts';
import { validateDraft } from './validate.ts';

// The names of the nodes that take an input are inferred: none at all is the empty object.
// biome-ignore lint/complexity/noBannedTypes: `{}` is what an absent `inputs` has to be for the types
type NoInputs = {};

export interface GraphOptions<S extends Shape, Specs extends InputSpecs, Given = S['input'], Checked = unknown> {
  /** What the run knows, and how deltas are merged into it: `fields({ … })` or `reducer(…)`. */
  readonly state: State<S>;
  /** The inputs of the nodes that are sent to, by node: `input<Type>()`, `failure()`, or a Standard Schema. */
  readonly inputs?: Specs & NoInfer<CheckInputs<Specs>>;
  /** Standard Schemas that a run's input and the state have to fit; those of `send` payloads stand under `inputs`. */
  readonly schema?: GraphSchemas<S, Given, Checked>;
  /** Told apart in fingerprints: raise it when the code of nodes changes in a way that matters to recorded runs. */
  readonly version?: string;
  /**
   * Brings over the state of a run that was begun with another version, when it is resumed: the state as it was (of fields
   * that are gone too), and its version, in; the whole new state out. Called once a run, and journaled.
   */
  readonly migrate?: (state: Readonly<Record<string, unknown>>, from: string | undefined) => S['state'];
}

/**
 * Begins a graph: nodes, edges, a state with a reducer for each field.
 *
 * Each call gives a new builder; `build()` checks the whole and freezes it. Mistakes in names, payloads and deltas are
 * compile errors where they can be seen, and coded errors of `build()` where not.
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
  // The types above are the contract; inside all is plain data, so this is where the two meet.
  return builder as unknown as GraphBuilder<WithInput<S, Given>, InputsOf<Specs>, never, never, false>;
}

function firstDraft(name: string, options: unknown): Draft {
  const problem = nameProblem(name);
  if (problem !== undefined) throw optionInvalid('the name of a graph', `another: it ${problem}`, name);
  const where = `graph "${name}"`;
  checkOptionObject(options, where);
  checkOptionKeys(options, ['state', 'inputs', 'schema', 'version', 'migrate'], where);
  const { state, inputs, schema, version, migrate } = options as Readonly<Record<string, unknown>>;
  const spec = (state as Partial<State<Shape>> | null | undefined)?.['~state'];
  if (spec === undefined) throw optionInvalid(`the state of ${where}`, 'fields({ … }) or reducer(…)', state);
  if (version !== undefined && (typeof version !== 'string' || version === '')) {
    throw optionInvalid(`the version of ${where}`, 'a text that is not empty', version);
  }
  const schemas = graphSchemas(schema, where);
  checkFunctionOption(migrate, `migrate of ${where}`);
  return Object.freeze({
    name,
    ...(schemas.input === undefined ? {} : { inputSchema: schemas.input }),
    ...(migrate === undefined ? {} : { migrate: migrate as () => unknown }),
    ...(version === undefined ? {} : { version }),
    state: schemas.state === undefined ? spec : Object.freeze({ ...spec, schema: schemas.state }),
    inputs: inputSpecs(inputs, where),
    nodes: [],
    edges: [],
    starts: [],
  });
}

function graphSchemas(schema: unknown, where: string): { readonly state?: AnySchema; readonly input?: AnySchema } {
  if (schema === undefined) return {};
  checkOptionObject(schema, `schema of ${where}`);
  checkOptionKeys(schema, ['state', 'input'], `schema of ${where}`);
  for (const [name, one] of Object.entries(schema)) {
    if (one !== undefined && !isSchema(one))
      throw optionInvalid(`schema.${name} of ${where}`, 'a Standard Schema, such as one of zod', one);
  }
  return schema;
}

function inputSpecs(inputs: unknown, where: string): ReadonlyMap<string, InputSpec> {
  if (inputs === undefined) return new Map();
  checkOptionObject(inputs, `the inputs of ${where}`);
  const specs = new Map<string, InputSpec>();
  for (const [node, spec] of Object.entries(inputs)) {
    checkInputSpec(spec, node);
    specs.set(node, spec);
  }
  return specs;
}

class DraftBuilder {
  readonly #draft: Draft;

  constructor(draft: Draft) {
    this.#draft = draft;
    Object.freeze(this);
  }

  define(name: string, run: unknown): unknown {
    if (typeof run !== 'function')
      throw optionInvalid(`what define("${name}") is given`, 'the function of the node', run);
    return run;
  }

  node(name: string, run: unknown, options?: unknown): DraftBuilder {
    if (typeof run !== 'function')
      throw optionInvalid(`what node("${name}") is given`, 'the function of the node', run);
    return this.#withNode({
      kind: 'function',
      name,
      policy: nodePolicy(options, name, 'function'),
      run: run as () => unknown,
    });
  }

  subgraph(name: string, child: unknown, mapping: unknown, options?: unknown): DraftBuilder {
    const built = child as Partial<BuiltGraph> | null | undefined;
    if (built?.kind !== 'graph' || built.spec === undefined) {
      throw optionInvalid(`what subgraph("${name}") is given`, 'a built graph: call .build() on the inner one', child);
    }
    const where = `subgraph "${name}"`;
    checkOptionObject(mapping, where);
    checkOptionKeys(mapping, ['input', 'output'], where);
    const { input, output } = mapping as Readonly<Record<string, unknown>>;
    if (typeof input !== 'function')
      throw optionInvalid(`input of ${where}`, "a function that gives the inner run's input", input);
    if (typeof output !== 'function')
      throw optionInvalid(`output of ${where}`, 'a function that gives the delta', output);
    return this.#withNode({
      kind: 'subgraph',
      name,
      policy: nodePolicy(options, name, 'subgraph'),
      graph: built.spec,
      input: input as () => unknown,
      output: output as () => unknown,
    });
  }

  edge(from: string, to: string, options?: unknown): DraftBuilder {
    const where = `edge "${from}" -> "${to}"`;
    if (options === undefined) return this.#withEdge({ kind: 'edge', from, to });
    checkOptionObject(options, where);
    checkOptionKeys(options, ['when', 'label'], where);
    const { when, label } = options as Readonly<Record<string, unknown>>;
    checkFunctionOption(when, `when of ${where}`);
    if (label !== undefined && typeof label !== 'string') throw optionInvalid(`label of ${where}`, 'a text', label);
    return this.#withEdge({
      kind: 'edge',
      from,
      to,
      ...(when === undefined ? {} : { when: when as () => boolean }),
      ...(label === undefined ? {} : { label }),
    });
  }

  join(from: unknown, to: string): DraftBuilder {
    if (!Array.isArray(from)) throw optionInvalid(`what join(…, "${to}") waits for`, 'a list of nodes', from);
    return this.#withEdge({ kind: 'join', from: Object.freeze([...from]), to });
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
