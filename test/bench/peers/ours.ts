// The graphs of the benchmark, as Reprise has them; `langgraph.mjs` holds the same for the other system.
import { append, createEngine, fields, graph, last, sum } from '../../../src/index.ts';
import type { AnyGraph, RunStore } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import type { Ask, Message } from './peer.ts';

/** `bytes` of new text a step. */
export const appending = (steps: number, bytes: number): AnyGraph =>
  graph('appending', { state: fields({ log: append<string>(), count: sum() }) })
    .node('a', (state) => ({ delta: { log: [`${state.count}`.padEnd(bytes, 'x')], count: 1 } }))
    .edge('a', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();

/** A text that no step touches. */
export const constant = (steps: number): AnyGraph =>
  graph('constant', { state: fields({ blob: last<string>(), count: sum() }) })
    .node('a', () => ({ delta: { count: 1 } }))
    .edge('a', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();

/** An agent that sends all messages so far, and gets one back. */
export const agent = (turns: number, ask: Ask): AnyGraph =>
  graph('agent', { state: fields({ messages: append<Message>(), count: sum() }) })
    .node('a', async (state) => {
      const question = { role: 'user', content: `question ${state.count}` };
      return { delta: { messages: [question, await ask([...state.messages, question])], count: 1 } };
    })
    .edge('a', 'a', { when: (state) => state.count < turns })
    .start('a')
    .build();

export const trivial = (steps: number): AnyGraph =>
  graph('trivial', { state: fields({ count: sum() }) })
    .node('a', () => ({ delta: { count: 1 } }))
    .edge('a', 'a', { when: (state) => state.count < steps })
    .start('a')
    .build();

export async function runOn(built: AnyGraph, input: object, store: RunStore): Promise<void> {
  await using engine = createEngine(built, { store, maxSteps: Number.POSITIVE_INFINITY, effects: [httpEffects()] });
  await engine.run(input as never).orThrow();
}
