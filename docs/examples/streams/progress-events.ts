// Pattern 2: progress as events, through an emitter. Still the right way for anything that is not a node's output.
import { bufferedEmitter, createEngine, fields, graph, jsonLinesEmitter, sum } from 'reprise';

const total = 4;
const digging = graph('digging', { state: fields({ dug: sum() }) })
  .node('dig', (state, { emit }) => {
    emit('progress', { completed: state.dug + 1, total });
    return { delta: { dug: 1 } };
  })
  .edge('dig', 'dig', { when: (state) => state.dug < total })
  .start('dig')
  .build();

/** Events as a bounded iteration: if nobody reads, the oldest are dropped and counted. */
export async function readProgress(see: (completed: number) => void): Promise<number> {
  const progress = bufferedEmitter({ highWaterMark: 100 });
  const engine = createEngine(digging, { events: [progress] });
  void engine.run({}).finally(() => progress.end());
  for await (const { data } of progress) see((data as { completed: number }).completed);
  return progress.dropped;
}

/** Events as log lines in canonical order: the same lines in every schedule. */
export async function logProgress(write: (line: string) => void): Promise<void> {
  const engine = createEngine(digging, { events: [jsonLinesEmitter(write, { order: 'canonical' })] });
  await engine.run({}, { runId: 'dig-1' });
}

/** Native: a node's chunks need no separate events, and none is dropped. */
const streamed = graph('digging-streamed', { state: fields({ dug: sum() }) })
  .node('dig', async function* (_state, { sleep }) {
    for (let round = 0; round < total; round += 1) {
      await sleep(1);
      yield { dug: 1 };
    }
  })
  .start('dig')
  .build();

export async function readDug(see: (dug: number) => void): Promise<void> {
  const engine = createEngine(streamed);
  for await (const item of engine.stream({})) if (item.kind === 'chunk') see(item.delta.dug ?? 0);
}
