// Pattern 1: buffer the chunks in the state, and poll the store. Below it, the same as a stream.
import { append, createEngine, fields, graph, last, memoryStore, text } from 'reprise';
import { tokensOf } from './tokens.ts';

/** The workaround: nobody sees a chunk before the node has ended. */
const buffered = graph('buffered', {
  state: fields({ question: last<string>(), chunks: append<string>(), complete: last<boolean>(false) }),
})
  .node('answer', async (state) => {
    const chunks: string[] = [];
    for await (const token of tokensOf(state.question)) chunks.push(token);
    return { delta: { chunks, complete: true } };
  })
  .start('answer')
  .build();

export async function pollBuffered(question: string, see: (chunks: readonly string[]) => void): Promise<void> {
  const store = memoryStore();
  const engine = createEngine(buffered, { store });
  const running = engine.run({ question }, { runId: 'run' });
  for (let isComplete = false; !isComplete; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const steps = await engine.history('run');
    const state = await engine.stateAt('run', steps.length - 1);
    see(state.chunks);
    isComplete = state.complete;
  }
  await running;
}

/** Native: each chunk is visible as it arrives, and the state holds the text once. */
const streamed = graph('streamed', { state: fields({ question: last<string>(), answer: text() }) })
  .node('answer', async function* (state) {
    for await (const token of tokensOf(state.question)) yield { answer: token };
  })
  .start('answer')
  .build();

export async function readStreamed(question: string, see: (token: string) => void): Promise<string> {
  const engine = createEngine(streamed);
  const stream = engine.stream({ question });
  for await (const item of stream) if (item.kind === 'chunk') see(item.chunk.answer ?? '');
  const run = await stream.result;
  return run.state.answer;
}
