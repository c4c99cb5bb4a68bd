import { append, fields, graph, input } from '../../src/index.ts';
import type { AnyGraph, NodeOptions } from '../../src/index.ts';
import type { NodeContext } from '../../src/graph/types/context-types.ts';

type Context = NodeContext<{ readonly id: string }, never>;

export interface Task extends Pick<Context, 'sleep' | 'attempt' | 'signal' | 'emit' | 'effect' | 'race'> {
  readonly id: string;
  /** An effect that answers with its own name and the task's. */
  ask(name: string): Promise<string>;
}

export interface FanOut {
  readonly ids: readonly string[];
  /** What a task finds. */
  readonly work: (task: Task) => Promise<string> | string;
  /** What a later step does with all that was found. */
  readonly after?: (task: Omit<Task, 'id'>, found: readonly string[]) => Promise<string> | string;
  readonly options?: Pick<NodeOptions, 'retry' | 'timeoutMs' | 'maxConcurrent'>;
}

/** A graph of three steps: a plan, a task for each id, and what comes after them. */
export function fanOut({ ids, work, after = () => 'end', options = {} }: FanOut): AnyGraph {
  return graph('fan-out', { state: fields({ found: append<string>() }), inputs: { work: input<{ id: string }>() } })
    .node('plan', (_state, { send }) => ({ route: ids.map((id) => send('work', { id })) }))
    .node(
      'work',
      async (_state, context) => ({ delta: { found: [await work(taskOf(context.input.id, context as never))] } }),
      options,
    )
    .node('then', async (state, context) => ({
      delta: { found: [await after(taskOf('all', context as never), state.found)] },
    }))
    .edge('work', 'then')
    .start('plan')
    .build();
}

function taskOf(id: string, { sleep, attempt, signal, emit, effect, race }: Context): Task {
  const ask = (name: string): Promise<string> => effect(name, { id }, async () => `${name} of ${id}`);
  return { id, sleep, attempt, signal, emit, effect, race, ask };
}

/** A graph of one node. */
export function oneNode(run: (task: Task) => Promise<string>): AnyGraph {
  return graph('one-node', { state: fields({ found: append<string>() }) })
    .node('only', async (_state, context) => ({ delta: { found: [await run(taskOf('only', context as never))] } }))
    .start('only')
    .build();
}
