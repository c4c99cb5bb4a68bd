// One mistake each, and what the compiler has to say about it: `says:` is a part of its message. The comments are
// checked twice: here that there is an error at all, and in test/unit/graph/type-messages.test.ts that it says so.
import { append, createEngine, failure, fields, graph, input, last, reducer, sum, task, text } from 'reprise';
import { z } from 'zod';

const state = fields({
  question: last<string>(),
  findings: append<{ topic: string }>(),
  tokens: sum(),
  answer: text(),
});
const desk = graph('desk', { state, inputs: { dig: input<{ topic: string }>(), rescue: failure() } });
const plain = graph('plain', { state });
const built = plain
  .node('plan', () => {})
  .start('plan')
  .build();

// ---- deltas
// @ts-expect-error says: The types of 'delta.tokens' are incompatible
plain.node('plan', async () => ({ delta: { tokens: 'many' } }));
// @ts-expect-error says: The types of 'delta.tokens' are incompatible
plain.node('plan', () => ({ delta: { tokens: 'many' } }));
// @ts-expect-error says: the delta names \"anwser\", which is not a field of this graph's state
plain.node('plan', async () => ({ delta: { anwser: 'x' } }));
// @ts-expect-error says: the delta names \"anwser\", which is not a field of this graph's state
plain.node('plan', async () => ({ delta: { tokens: 1, anwser: 'x' } }));
// @ts-expect-error says: the delta names \"anwser\", which is not a field of this graph's state
plain.node('plan', async (state) =>
  state.tokens > 1 ? { delta: { tokens: 1 } } : { delta: { tokens: 1, anwser: 'x' } },
);
// @ts-expect-error says: the delta names \"anwser\", which is not a field of this graph's state
plain.node('plan', async (state) => {
  if (state.tokens > 1) return { delta: { tokens: 1 } };
  return { delta: { tokens: 1, anwser: 'x' } };
});
// @ts-expect-error says: The types of 'delta.tokens' are incompatible
plain.node('plan', async (state) => {
  if (state.tokens > 1) return { delta: { tokens: 1 } };
  return { delta: { tokens: 'many' } };
});
// @ts-expect-error says: a node returns { delta, route }: put \"findings\" into delta
plain.node('plan', async () => ({ findings: [] }));
// @ts-expect-error says: a node returns { delta, route }: put \"tokens\" into delta
plain.node('plan', (state, { stop }) => ({ tokens: state.tokens, route: stop() }));
// @ts-expect-error says: a chunk names \"anwser\", which is not a field of this graph's state
plain.node('plan', async function* () {
  yield { anwser: 'x' };
});
// @ts-expect-error says: The types of 'delta.tokens' are incompatible
plain.node('plan', async function* () {
  yield { tokens: 1 };
  return { delta: { tokens: 'many' } };
});
// @ts-expect-error says: Type 'string' is not assignable to type 'number'
plain.node('plan', async function* () {
  yield { tokens: 'many' };
});
// @ts-expect-error says: Type 'number' is not assignable to type 'AnyOut<
plain.node('plan', async () => 1);
// @ts-expect-error says: the delta names \"anwser\", which is not a field of this graph's state
desk.define('dig', async () => ({ delta: { tokens: 1, anwser: 'x' } }));
const ticket = graph('ticket', { state: fields({ status: last<'open' | 'closed'>('open') }) });
// @ts-expect-error says: The types of 'delta.status' are incompatible
ticket.node('plan', async () => ({ delta: { status: 'opened' } }));
const counter = graph('counter', {
  state: reducer((state: { n: number }, delta: { add: number }) => ({ n: state.n + delta.add }), { n: 0 }),
});
// @ts-expect-error says: the delta names \"sub\", which is not a field of this graph's state
counter.node('plan', () => ({ delta: { add: 1, sub: 1 } }));
plain.node('plan', (state) => {
  // @ts-expect-error says: Cannot assign to 'tokens' because it is a read-only property
  state.tokens = 1;
});

// ---- names
const two = plain.node('plan', () => {}).node('write', () => {});
// @ts-expect-error says: \"wriet\" is not a node of this graph yet: call .node(\"wriet\", …) first
two.edge('plan', 'wriet');
// @ts-expect-error says: \"paln\" is not a node of this graph yet: call .node(\"paln\", …) first
two.edge('paln', 'write');
// @ts-expect-error says: \"paln\" is not a node of this graph yet: call .node(\"paln\", …) first
two.join(['plan', 'paln'], 'write');
// @ts-expect-error says: \"wriet\" is not a node of this graph yet: call .node(\"wriet\", …) first
two.join(['plan'], 'wriet');
// @ts-expect-error says: \"paln\" is not a node of this graph yet: call .node(\"paln\", …) first
two.start('paln');
const misrouted = plain.node('plan', (_state, { goto }) => ({ route: goto('wriet') })).node('write', () => {});
// @ts-expect-error says: \"plan\" routes to \"wriet\", which is not a node of this graph
misrouted.start('plan').build();
// @ts-expect-error says: \"digg\" takes no input: declare it in inputs, or use goto(\"digg\")
desk.node('plan', (_state, { send }) => ({ route: send('digg', { topic: 'x' }) }));
// @ts-expect-error says: no node takes an input: declare it with graph(name, { state, inputs: { … } })
plain.node('plan', (_state, { send }) => ({ route: send('dig', { topic: 'x' }) }));
// @ts-expect-error says: Type '"rescu"' is not assignable to type '"rescue"'
desk.node('plan', () => {}, { onError: 'rescu' });
// @ts-expect-error says: Type '"dig"' is not assignable to type '"rescue"'
desk.node('plan', () => {}, { onError: 'dig' });
// @ts-expect-error says: no node takes a failure: declare one with inputs: { rescue: failure() }
plain.node('plan', () => {}, { onError: 'rescue' });
// @ts-expect-error says: \"plan\" is already a node
two.node('plan', () => {});
// @ts-expect-error says: \"plan\" is already a node
two.subgraph('plan', built, { input: () => ({ question: 'x' }), output: () => ({}) });
// @ts-expect-error says: call .start(name) before .build()
two.build();
const undug = desk.node('rescue', () => {}).node('plan', () => {});
// @ts-expect-error says: an input is declared for \"dig\", which is not a node of this graph
undug.start('plan').build();

// ---- inputs
// @ts-expect-error says: The expected type comes from property 'topic'
desk.node('plan', (_state, { send }) => ({ route: send('dig', { topic: 1 }) }));
// @ts-expect-error says: Property 'topic' is missing in type '{}' but required in type '{ topic: string; }'
desk.node('plan', (_state, { send }) => ({ route: send('dig', {}) }));
// @ts-expect-error says: Property 'topik' does not exist on type '{ topic: string; }'
desk.node('dig', (_state, { input }) => ({ delta: { answer: input.topik } }));
// @ts-expect-error says: \"dig\" needs an input: use send(\"dig\", …)
desk.node('plan', (_state, { goto }) => ({ route: goto('dig') }));
const digging = desk.node('plan', () => {}).node('dig', () => {});
// @ts-expect-error says: \"dig\" needs an input, so only send(\"dig\", …) can reach it
digging.edge('plan', 'dig');
// @ts-expect-error says: \"dig\" needs an input, so only send(\"dig\", …) can reach it
digging.join(['plan'], 'dig');
// @ts-expect-error says: \"dig\" needs an input, so only send(\"dig\", …) can reach it
digging.start('dig');
// @ts-expect-error says: Property 'question' is missing in type '{}'
createEngine(built).run({});
// @ts-expect-error says: The expected type comes from property 'question'
plain.subgraph('inner', built, { input: (state) => ({ question: state.tokens }), output: () => ({}) });
// @ts-expect-error says: The expected type comes from property 'tokens'
plain.subgraph('inner', built, { input: () => ({ question: 'x' }), output: (inner) => ({ tokens: inner.answer }) });
// @ts-expect-error says: Property 'output' is missing
plain.subgraph('inner', built, { input: () => ({ question: 'x' }) });

// ---- schemas
const topic = z.object({ topic: z.string(), depth: z.number().default(0) });
const checked = graph('checked', {
  state,
  inputs: { dig: topic },
  schema: { input: z.object({ question: z.string() }) },
});
// @ts-expect-error says: Type 'number' is not assignable to type 'string'
checked.node('plan', (_state, { send }) => ({ route: send('dig', { topic: 1 }) }));
// @ts-expect-error says: Property 'topic' is missing in type '{ depth: number; }'
checked.node('plan', (_state, { send }) => ({ route: send('dig', { depth: 1 }) }));
// @ts-expect-error says: Property 'depht' does not exist on type
checked.node('dig', (_state, { input }) => ({ delta: { tokens: input.depht } }));
const checkedGraph = checked
  .node('plan', () => {})
  .node('dig', () => {})
  .start('plan')
  .build();
// @ts-expect-error says: Type 'number' is not assignable to type 'string'
createEngine(checkedGraph).run({ question: 1 });
// @ts-expect-error says: Property 'question' is missing in type '{}'
createEngine(checkedGraph).run({});
// @ts-expect-error says: Type 'number' is not assignable to type 'string'
graph('checked', { state, schema: { input: z.object({ question: z.number() }) } });
// @ts-expect-error says: the schema of the state names \"anwser\", which is not a field of this graph's state
graph('checked', { state, schema: { state: z.object({ anwser: z.string() }) } });
// @ts-expect-error says: the schema of the state can never fit \"tokens\"
graph('checked', { state, schema: { state: z.object({ tokens: z.string() }) } });
// @ts-expect-error says: 'states' does not exist in type 'GraphSchemas<
graph('checked', { state, schema: { states: z.object({}) } });

// ---- what a journal cannot hold
class Money {
  readonly cents: number = 1;
  plus(other: Money): number {
    return this.cents + other.cents;
  }
}
// @ts-expect-error says: a journal cannot hold a function or a class instance: price.plus
fields({ price: last<Money>() });
// @ts-expect-error says: a journal cannot hold a function or a class instance: jobs[].callback
fields({ jobs: append<{ at: Date; callback: () => void }>() });
// @ts-expect-error says: a journal cannot hold a function or a class instance: state.callback
reducer((state: { callback: () => void }, _delta: string) => state, { callback: () => {} });
// @ts-expect-error says: a journal cannot hold a function or a class instance: dig.plus
graph('desk', { state, inputs: { dig: input<Money>() } });
plain.node('plan', async (_state, { effect, emit }) => {
  // @ts-expect-error says: a journal cannot hold a function or a class instance: request.callback
  await effect('search', { callback: () => 1 }, async () => 'x');
  // @ts-expect-error says: a journal cannot hold a function or a class instance: response.
  await effect('search', { query: 'x' }, () => fetch('x'));
  // @ts-expect-error says: a journal cannot hold a function or a class instance: data.plus
  emit('paid', new Money());
});

// ---- tasks
// @ts-expect-error says: Type 'Promise<number>' is not assignable to type 'number'
const tasked: number = task('get', async () => 1);
// @ts-expect-error says: Expected 2-3 arguments, but got 1
task('get');
// @ts-expect-error says: 'keys' does not exist in type 'TaskOptions'
task('get', { keys: 'a' }, () => 1);
// @ts-expect-error says: Type 'number' is not assignable to type 'string'
task('get', { key: 1 }, () => 1);
console.log(tasked);
