// Existing code as a graph of one node.
import { anyFunction } from './base/options/option-kind.ts';
import { checkArgument } from './base/options/option-shape.ts';
import type { Graph } from './graph/built-graph.ts';
import { graph } from './graph/build/builder.ts';
import { last } from './graph/field.ts';
import { fields } from './graph/state.ts';
import type { CheckStorable } from './graph/types/storable.ts';

/** The state of a graph around a function. */
export interface FunctionShape<Input, Output> {
  readonly state: { readonly input: Input; readonly output: Output | null };
  readonly delta: { readonly input?: Input; readonly output?: Output | null };
  readonly input: { readonly input: Input };
}

/**
 * A graph of one node, `call`, around an async function: its requests, its clock and its randomness are recorded and
 * replayed, with its code unchanged. `null` stands for no output.
 *
 * ```ts
 * import { createEngine, fromFunction } from 'reprise';
 *
 * const greet = fromFunction('greet', async ({ name }: { name: string }) => `Hello, ${name}!`);
 * const engine = createEngine(greet);
 * const { output } = await engine.run({ input: { name: 'Ada' } }).orThrow();
 * console.log(output); // Hello, Ada!
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`, `graph-invalid`
 */
export function fromFunction<Input, Output>(
  name: string,
  run: ((input: Input) => Promise<Output> | Output) &
    CheckStorable<NoInfer<Input>, 'input'> &
    CheckStorable<NoInfer<Output>, 'output'>,
): Graph<FunctionShape<Input, Output>, { readonly call: undefined }> {
  checkArgument('fromFunction', 'run', anyFunction, run);
  const call = run as (input: unknown) => unknown;
  return graph(name, { state: fields({ input: last<unknown>(), output: last<unknown>(null) }) })
    .node('call', async ({ input }) => ({ delta: { output: (await call(input)) ?? null } }))
    .start('call')
    .build() as never;
}
