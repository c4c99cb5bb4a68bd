// Pattern 3: micro-batches with a checkpoint each. Good for long jobs: a crash loses one batch. A stream shows what is
// in it.
import { append, createEngine, fields, graph, last, sum } from 'reprise';
import type { RunStore } from 'reprise';

const batchSize = 3;

async function processed(item: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return item * item;
}

/** The workaround: a loop of batches, and a poll for the state. */
const batches = graph('batches', {
  state: fields({ items: last<number[]>(), results: append<number>(), batch: sum() }),
})
  .node('process', async (state) => {
    const items = state.items.slice(state.batch * batchSize, (state.batch + 1) * batchSize);
    return { delta: { results: await Promise.all(items.map(processed)), batch: 1 } };
  })
  .edge('process', 'process', { when: (state) => state.batch * batchSize < state.items.length })
  .start('process')
  .build();

export async function pollBatches(items: number[], store: RunStore, see: (done: number) => void): Promise<number[]> {
  const engine = createEngine(batches, { store });
  const running = engine.run({ items }, { runId: 'batches' }).orThrow();
  for (let done = 0; done < items.length; ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const steps = await engine.history('batches');
    done = (await engine.stateAt('batches', steps.length - 1)).results.length;
    see(done);
  }
  return [...(await running).results];
}

/** Native: the same checkpoints, and each result is visible as soon as it exists, without polling. */
const streamed = graph('batches-streamed', {
  state: fields({ items: last<number[]>(), results: append<number>(), batch: sum() }),
})
  .node('process', async function* (state) {
    const items = state.items.slice(state.batch * batchSize, (state.batch + 1) * batchSize);
    for (const item of items) yield { results: [await processed(item)] };
    return { delta: { batch: 1 } };
  })
  .edge('process', 'process', { when: (state) => state.batch * batchSize < state.items.length })
  .start('process')
  .build();

export async function readBatches(items: number[], see: (result: number) => void): Promise<number[]> {
  const engine = createEngine(streamed);
  const stream = engine.stream({ items });
  for await (const item of stream)
    if (item.kind === 'chunk') for (const result of item.chunk.results ?? []) see(result);
  return [...(await stream.result).state.results];
}
