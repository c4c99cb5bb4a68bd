// Random graphs of streaming nodes: in parallel, in sequence, in subgraphs, failing in the middle, retried and timed out.
import fc from 'fast-check';
import { append, fields, graph, text } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';

/** What one node does in one attempt: yields so many chunks, with turns of the event loop between, then ends or fails. */
export interface NodeScript {
  readonly chunks: number;
  readonly turns: readonly number[];
  /** In its first attempts it fails behind so many chunks. */
  readonly failures: readonly number[];
  readonly hasEffects: boolean;
  readonly byCallback: boolean;
  /** By default as many as it takes. */
  readonly retries?: number;
}

export interface StreamScript {
  /** Steps of nodes that run side by side. */
  readonly steps: readonly (readonly NodeScript[])[];
  readonly inner: readonly NodeScript[];
}

const node: fc.Arbitrary<NodeScript> = fc.record({
  chunks: fc.nat({ max: 30 }),
  turns: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
  failures: fc.array(fc.nat({ max: 5 }), { maxLength: 2 }),
  hasEffects: fc.boolean(),
  byCallback: fc.boolean(),
});

export const streamScript: fc.Arbitrary<StreamScript> = fc.record({
  steps: fc.array(fc.array(node, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  inner: fc.array(node, { maxLength: 3 }),
});

/** `yielded` is told of each chunk that a node gives away. */
export function streamingGraph(
  { steps, inner }: StreamScript,
  yielded: (name: string) => void = () => undefined,
): AnyGraph {
  const state = (): ReturnType<typeof stateOf> => stateOf();
  const addSteps = (name: string, list: readonly (readonly NodeScript[])[], child: AnyGraph | undefined): AnyGraph => {
    let builder = graph(name, { state: state() }) as unknown as Builder;
    builder = builder.node('begin', () => ({}));
    let before: readonly string[] = ['begin'];
    for (const [step, nodes] of list.entries()) {
      const names = nodes.map((_script, place) => `n${step}-${place}`);
      for (const [place, script] of nodes.entries())
        builder = builder.node(names[place] as string, nodeOf(script, `${name}.${names[place]}`, yielded), {
          retry: { attempts: (script.retries ?? script.failures.length) + 1 },
        });
      const added = child !== undefined && step === 0 ? [...names, 'inner'] : names;
      if (child !== undefined && step === 0)
        builder = builder.subgraph('inner', child, {
          input: () => ({}),
          output: (inner: { readonly all: string }) => ({ log: [inner.all] }),
        });
      for (const from of before.slice(0, 1)) for (const to of added) builder = builder.edge(from, to);
      before = added;
    }
    return builder.start('begin').build();
  };
  const child = inner.length === 0 ? undefined : addSteps('child', [inner], undefined);
  return addSteps('parent', steps, child);
}

function stateOf() {
  return fields({ all: text(), log: append<string>() });
}

interface Builder {
  node(name: string, run: unknown, options?: object): Builder;
  subgraph(name: string, child: AnyGraph, mapping: object): Builder;
  edge(from: string, to: string): Builder;
  start(name: string): Builder;
  build(): AnyGraph;
}

interface Context {
  readonly attempt: number;
  effect(name: string, request: unknown, perform: () => unknown): Promise<unknown>;
  stream(chunk: unknown): void;
}

function nodeOf(script: NodeScript, name: string, yielded: (name: string) => void): unknown {
  async function* chunks(context: Context): AsyncGenerator<object> {
    const failsAt = script.failures[context.attempt - 1];
    for (let place = 0; place < script.chunks; place += 1) {
      if (place === failsAt) throw new Error(`fails behind ${place}`);
      for (let turns = script.turns[place % script.turns.length] ?? 0; turns > 0; turns -= 1)
        await new Promise<void>((resolve) => setImmediate(resolve));
      if (script.hasEffects && place % 7 === 0) await context.effect('ask', place, async () => place);
      yielded(name);
      yield { log: [`${name}:${place}`] };
    }
    if (failsAt !== undefined) throw new Error('fails at the end');
  }
  if (!script.byCallback) return (_state: unknown, context: Context) => chunks(context);
  return async (_state: unknown, context: Context) => {
    for await (const chunk of chunks(context)) context.stream(chunk);
  };
}
