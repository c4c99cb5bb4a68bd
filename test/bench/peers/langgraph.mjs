// The same work on LangGraph.js, with what it comes with: its memory and SQLite savers, its custom stream mode.
import { Annotation, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';

async function run(graph, input, file, steps) {
  const saver = file === undefined ? new MemorySaver() : SqliteSaver.fromConnString(file);
  const compiled = graph.compile({ checkpointer: saver });
  await compiled.invoke(input, { configurable: { thread_id: 'run' }, recursionLimit: steps + 10 });
  saver.db?.close();
}

const list = () => Annotation({ reducer: (left, right) => left.concat(right), default: () => [] });
const last = (initial) => Annotation({ reducer: (_left, right) => right, default: () => initial });
const count = () => Annotation({ reducer: (left, right) => left + right, default: () => 0 });

function loop(channels, node, steps) {
  return new StateGraph(Annotation.Root({ ...channels, count: count() }))
    .addNode('a', node)
    .addEdge(START, 'a')
    .addConditionalEdges('a', (state) => (state.count < steps ? 'a' : '__end__'));
}

/** `bytes` of new text a step. */
export const append = (steps, bytes, file) =>
  run(
    loop({ log: list() }, (state) => ({ log: [`${state.count}`.padEnd(bytes, 'x')], count: 1 }), steps),
    {},
    file,
    steps,
  );

/** A state of so many bytes that no step touches. */
export const constant = (steps, bytes, file) =>
  run(
    loop({ blob: last('') }, () => ({ count: 1 }), steps),
    { blob: 'x'.repeat(bytes) },
    file,
    steps,
  );

/** An agent that sends all messages so far, and gets one back. */
export const agent = (turns, ask, file) =>
  run(
    loop(
      { messages: list() },
      async (state) => {
        const messages = [...state.messages, { role: 'user', content: `question ${state.count}` }];
        return { messages: [messages.at(-1), await ask(messages)], count: 1 };
      },
      turns,
    ),
    {},
    file,
    turns,
  );

export const trivial = (steps, file) =>
  run(
    loop({}, () => ({ count: 1 }), steps),
    {},
    file,
    steps,
  );

/** Gives each chunk of a node that writes so many, and lets others run after each: it does not block the reader. */
export async function* chunks(count, onWrite) {
  const graph = new StateGraph(Annotation.Root({ answer: last('') }))
    .addNode('write', async (_state, config) => {
      for (let place = 0; place < count; place += 1) {
        onWrite?.();
        config.writer({ answer: `token ${place} ` });
        await null;
      }
      return {};
    })
    .addEdge(START, 'write')
    .compile();
  yield* await graph.stream({}, { streamMode: 'custom' });
}
