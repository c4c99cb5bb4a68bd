// Pattern 4: stream outside the graph, and pass it the finished text. There are two paths through the code, and only
// one of them is recorded. Below it, the same with one path.
import { createEngine, fields, graph, last, text } from 'reprise';
import { tokensOf } from './tokens.ts';

/** The workaround: what the client saw is in no journal. */
const aggregate = graph('aggregate', { state: fields({ response: text(), length: last<number>(0) }) })
  .node('measure', (state) => ({ delta: { length: state.response.length } }))
  .start('measure')
  .build();

export async function proxy(question: string, send: (token: string) => void): Promise<number> {
  let response = '';
  for await (const token of tokensOf(question)) {
    send(token);
    response += token;
  }
  const engine = createEngine(aggregate);
  return (await engine.run({ response }).orThrow()).length;
}

/** Native: the graph streams to the client itself, so the stream is durable, replayed and compared. */
const streamed = graph('answered', {
  state: fields({ question: last<string>(), response: text(), length: last<number>(0) }),
})
  .node('answer', async function* (state) {
    for await (const token of tokensOf(state.question)) yield { response: token };
  })
  .node('measure', (state) => ({ delta: { length: state.response.length } }))
  .edge('answer', 'measure')
  .start('answer')
  .build();

export async function direct(question: string, send: (token: string) => void): Promise<number> {
  const engine = createEngine(streamed);
  const stream = engine.stream({ question });
  for await (const item of stream) if (item.kind === 'chunk') send(item.chunk.response ?? '');
  return (await stream.result).state.length;
}
