// Small graphs, as data, in which tasks may share something and may wait for several things at once.
import { setTimeout as wait } from 'node:timers/promises';
import { append, fields, graph, input } from '../../../src/index.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { NodeContext } from '../../../src/graph/types/context-types.ts';
import { sharing } from './sharing.ts';
import type { Shared } from './sharing.ts';

/** What a task does, one thing after another. */
export type Deed =
  | { readonly kind: 'ask' }
  | { readonly kind: 'sleep'; readonly ms: number }
  /** Asks for several things at once. `taken`: the task sees them as it asked for them, as they came, or only the first. */
  | { readonly kind: 'together'; readonly count: 2 | 3; readonly taken: 'as asked' | 'as they came' | 'the first' }
  /** Nobody waits for it. */
  | { readonly kind: 'float'; readonly writes: boolean }
  | { readonly kind: 'read' }
  /** What it asks for says what was read. */
  | { readonly kind: 'tell' }
  | { readonly kind: 'write' }
  | { readonly kind: 'write the same' };

export interface Scenario {
  readonly shared: string;
  /** By step, then by task. */
  readonly steps: readonly (readonly (readonly Deed[])[])[];
}

const names = 'abcdefgh';

/** `msOf`: how long an answer takes when the run is recorded. */
export function graphOf({ shared: kind, steps }: Scenario, msOf: (asked: string) => number = () => 0): AnyGraph {
  const shared = (sharing[kind] as () => Shared)();
  let made = graph('scenario', {
    state: fields({ found: append<string>() }),
    inputs: Object.fromEntries(steps.map((_tasks, step) => [`work${step}`, input<{ task: number }>()])) as never,
  }) as never as ReturnType<typeof untyped>;
  for (const [step, tasks] of steps.entries()) {
    made = made
      .node(`plan${step}`, (_state: unknown, { send }: { send: (node: string, given: unknown) => unknown }) => ({
        route: tasks.map((_deeds, task) => send(`work${step}`, { task })),
      }))
      .node(`work${step}`, async (_state: unknown, context: Context) => {
        const { task } = context.input;
        const found = await does(tasks[task] as readonly Deed[], `${names[step]}${names[task]}`, shared, context, msOf);
        return { delta: { found: [found] } };
      });
    if (step > 0) made = made.edge(`work${step - 1}`, `plan${step}`);
  }
  return made.start('plan0').build();
}

/** The graph's type depends on the scenario, which no type knows. */
declare function untyped(): {
  node: (name: string, run: (state: unknown, context: never) => unknown) => ReturnType<typeof untyped>;
  edge: (from: string, to: string) => ReturnType<typeof untyped>;
  start: (name: string) => { build: () => AnyGraph };
};

type Context = NodeContext<{ readonly task: number }, never>;

async function does(
  deeds: readonly Deed[],
  id: string,
  shared: Shared,
  context: Context,
  msOf: (asked: string) => number,
): Promise<string> {
  const found: string[] = [];
  const ask = (name: string, read: string = ''): Promise<string> =>
    context.effect(name, { id, read }, async () => {
      const ms = msOf(`${name} of ${id}`);
      if (ms > 0) await wait(ms);
      return `${name} of ${id}`;
    });
  for (const [place, deed] of deeds.entries()) {
    if (deed.kind === 'ask') found.push(await ask(`ask${place}`));
    if (deed.kind === 'sleep') await context.sleep(deed.ms);
    if (deed.kind === 'read') found.push(`read ${shared.get()}`);
    if (deed.kind === 'tell') found.push(await ask(`tell${place}`, shared.get()));
    if (deed.kind === 'write') shared.set(id);
    if (deed.kind === 'write the same') shared.set('same');
    if (deed.kind === 'float')
      void ask(`float${place}`).then(() => {
        if (deed.writes) shared.set(id);
      });
    if (deed.kind === 'together') {
      const came: string[] = [];
      const asked = Array.from({ length: deed.count }, async (_, part) => {
        const answer = await ask(`together${place}.${part}`);
        came.push(answer);
        return answer;
      });
      if (deed.taken === 'the first') found.push(await Promise.race(asked));
      const all = await Promise.all(asked);
      found.push((deed.taken === 'as they came' ? came : all).join());
    }
  }
  return found.join('; ');
}
