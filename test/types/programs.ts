// Programs that are right, and the types that come out of them. None of them may cost a cast, and what they export
// has to have declarations (`declaration` is set): a user's library exports graphs.
import {
  type AnyRoute,
  append,
  createEngine,
  type DeltaOf,
  failure,
  fields,
  graph,
  type InputOf,
  input,
  last,
  max,
  merge,
  min,
  reduce,
  reducer,
  type StateOf,
  sum,
  task,
  text,
  union,
  upsert,
} from 'reprise';
import { z } from 'zod';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// A literal of a union stays one, in an expression, a block, a conditional and without `as const`.
const ticket = graph('ticket', {
  state: fields({ status: last<'open' | 'closed'>('open'), note: text(), count: sum() }),
});
ticket.node('a', async () => ({ delta: { status: 'closed' } }));
ticket.node('a', () => ({ delta: { status: 'closed' } }));
ticket.node('a', async (state) => {
  if (state.count > 1) return { delta: { status: 'open' } };
  return { delta: { status: state.count > 0 ? 'open' : 'closed' } };
});
ticket.node('a', (state, { stop, goto }) => {
  if (state.count > 1) return { delta: { status: 'open' }, route: stop() };
  if (state.count > 2) return { route: goto('a') };
  return {};
});
ticket.node('a', () => {});
ticket.node('a', async () => undefined);
ticket.node('a', () => JSON.parse('{}'));

// Routes in every form: forward, backward with a payload, several at once, schemas that fill in defaults.
export const note = input<string>();
export const rescue = failure();
const topic = z.object({ topic: z.string(), depth: z.number().default(0) });
export const desk = graph('desk', {
  version: '2',
  state: fields({ question: last<string>(), found: append<string>(), tokens: sum() }),
  inputs: { dig: topic, note, rescue },
});
export const looped = desk
  .node('plan', async (state, { goto, send }) => ({
    route: state.tokens > 3 ? goto('end') : [send('dig', { topic: state.question }), send('note', 'hello')],
  }))
  .node('dig', async (_state, { input, send }) => {
    true satisfies Same<typeof input, { topic: string; depth: number }>;
    if (input.depth > 2) return { delta: { found: [input.topic] } };
    return { delta: { tokens: 1 }, route: send('dig', { topic: input.topic, depth: input.depth + 1 }) };
  })
  .node('note', (_state, { input }) => ({ delta: { found: [input.toUpperCase()] } }))
  .node('end', async (_state, { stop }) => ({ route: stop() }), {
    onError: 'rescue',
    timeoutMs: 1000,
    maxConcurrent: 2,
    retry: {
      attempts: 3,
      delayMs: 10,
      backoff: 2,
      maxDelayMs: 100,
      jitter: 0.5,
      when: (error) => error instanceof Error,
    },
  })
  .node('rescue', async (_state, { input }) => ({ delta: { found: [`${input.node}: ${input.code}`] } }))
  .edge('dig', 'end', { when: (state) => state.found.length > 0, label: 'found something' })
  .join(['dig', 'note'], 'end')
  .start('plan')
  .build();
type Received = NonNullable<(typeof looped)['~types']>['received'];
true satisfies Same<Received['dig'], { topic: string; depth: number }>;
true satisfies Same<Received['plan'], undefined>;
true satisfies Same<StateOf<typeof looped>['found'], string[]>;
true satisfies Same<
  InputOf<typeof looped>,
  { readonly question: string; readonly found?: readonly string[]; readonly tokens?: number }
>;
looped.nodeNames satisfies readonly ('plan' | 'dig' | 'note' | 'end' | 'rescue')[];

// Schemas of a run's input and of the state: what `run` takes is what the schema takes, and the state stays as declared.
export const checked = graph('checked', {
  state: fields({
    question: last<string>(),
    words: last<string[]>(),
    tokens: sum(),
    status: last<'open' | 'closed'>('open'),
  }),
  schema: {
    input: z.object({
      question: z.string().trim(),
      words: z.array(z.string()).default([]),
      tokens: z.number().optional(),
    }),
    state: z.object({ question: z.string().min(1), tokens: z.number().max(10), status: z.enum(['open', 'closed']) }),
  },
})
  .node('a', (state) => {
    state.words satisfies string[];
    return { delta: { tokens: state.tokens + 1, status: 'closed' } };
  })
  .start('a')
  .build();
true satisfies Same<StateOf<typeof checked>['words'], string[]>;
({ question: 'why' }) satisfies InputOf<typeof checked>;
createEngine(checked).run({ question: 'why', tokens: 2 });
const onlyState = graph('only-state', {
  state: fields({ question: last<string>(), found: append<{ url: string }>() }),
  schema: { state: z.object({ found: z.array(z.object({ url: z.url() })) }) },
})
  .node('a', () => ({ delta: { found: [{ url: 'https://x.example' }] } }))
  .start('a')
  .build();
true satisfies Same<InputOf<typeof onlyState>['question'], string>;
graph('counting', {
  state: reducer((state: { n: number }, delta: { add: number }) => ({ n: state.n + delta.add }), { n: 0 }),
  schema: { state: z.object({ n: z.number().max(3) }), input: z.object({ add: z.number() }) },
});

// A node in a file of its own; routes that are computed.
export const dig = desk.define('dig', async (state, { input, effect, goto }) => {
  const found = await effect('search', { query: input.topic, hint: state.question }, async ({ query }, { signal }) => {
    signal.throwIfAborted();
    return [query];
  });
  return { delta: { found }, route: goto('plan') };
});
desk.node('dig', dig);
desk.node('plan', (state, { goto }): { route: AnyRoute[] } => ({ route: [goto(state.question)] }));

// Every field; the state is read-only at the top only, since clients take mutable arrays.
interface Item {
  readonly id: string;
  readonly price: number;
}
export const every = fields({
  last: last<Item | null>(null, { onConflict: (values) => values[0] ?? null }),
  highest: last(0, { onConflict: 'highest-rank' }),
  required: last<number>(undefined, { onConflict: 'highest-rank' }),
  append: append<Item>(),
  sum: sum(1),
  min: min(),
  max: max(0),
  union: union<string>(['a']),
  merge: merge<{ a: number; b: string }>(),
  record: merge<Record<string, number>>({}, { onConflict: (values) => Math.max(...values) }),
  upsert: upsert<Item>('id'),
  keyed: upsert<Item>((item) => item.id),
  text: text('x'),
  reduce: reduce((total: number, delta: { add: number }) => total + delta.add, 0, { promises: ['order-independent'] }),
});
export const fielded = graph('fielded', { state: every })
  .node('a', (state) => {
    state.append satisfies Item[];
    state.union satisfies Set<string>;
    state.merge.a satisfies number | undefined;
    state.record satisfies Record<string, number>;
    state.upsert[0]?.price satisfies number | undefined;
    return { delta: { union: new Set(['b']), merge: { a: 1 }, reduce: { add: 2 }, keyed: [{ id: 'x', price: 1 }] } };
  })
  .start('a')
  .build();
({ required: 1 }) satisfies InputOf<typeof fielded>;
({ union: ['c'], record: { x: 1 } }) satisfies DeltaOf<typeof fielded>;

// One function for the whole state.
type Message = { kind: 'add'; by: number } | { kind: 'reset' };
export const counter = graph('counter', {
  state: reducer<{ count: number }, Message>(
    (state, message) => (message.kind === 'add' ? { count: state.count + message.by } : { count: 0 }),
    { count: 0 },
  ),
})
  .node('a', (state) => ({ delta: state.count > 1 ? { kind: 'reset' } : { kind: 'add', by: 2 } }))
  .start('a')
  .build();
({ kind: 'reset' }) satisfies InputOf<typeof counter>;

// A graph in a graph, with options of its own and an input of its own.
export const parent = graph('parent', {
  state: fields({ answer: last<string | null>(null), tokens: sum() }),
  inputs: { desk: input<{ question: string }>() },
})
  .node('ask', (_state, { send }) => ({ route: send('desk', { question: 'why' }) }))
  .subgraph(
    'desk',
    looped,
    {
      input: (_state, { input }) => ({ question: input.question }),
      output: (inner) => ({ answer: inner.found[0] ?? null, tokens: inner.tokens }),
    },
    { timeoutMs: 1000 },
  )
  .start('ask')
  .build();

// What a journal can hold.
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
  readonly seen?: Date | Map<string, Set<bigint>>;
}
fields({
  json: last<Json>(null),
  tree: last<Tree>(),
  anything: last<unknown>(null),
  error: last<Error | null>(null),
  bytes: last<Uint8Array>(),
});

// The result of a run.
export const engine = createEngine(looped);
export const run = await engine.run({ question: 'why' });
export const question: string = (await engine.stateAt(run.id, 2)).question;
// The state of a subgraph is not that of the graph.
export const innerState: unknown = await engine.stateAt(run.id, '3.0#1/2');
// @ts-expect-error
export const noQuestion = (await engine.stateAt(run.id, '3.0#1/2')).question;
switch (run.status) {
  case 'done':
    run.state.found satisfies readonly string[];
    break;
  case 'failed':
    run.error.code satisfies string;
    break;
  case 'cancelled':
    run.reason satisfies unknown;
    break;
  case 'paused':
    run.questions[0]?.key satisfies string | undefined;
    break;
  case 'interrupted':
    break;
  default:
    run satisfies never;
}

// A node that streams: chunks are partial deltas, and it ends like any node.
const streaming = graph('streaming', {
  state: fields({ answer: text(), tokens: sum(), status: last<'open' | 'closed'>('open') }),
})
  .node('write', async function* (state, { goto }) {
    for (const word of ['a', 'b']) yield { answer: `${state.tokens} ${word}` };
    yield { status: 'closed' };
    return { delta: { tokens: 2 }, route: goto('end') };
  })
  .node('tell', async function* () {
    yield { answer: 'x' };
  })
  .node('call', async (_state, { stream }) => {
    stream({ answer: 'y' });
  })
  .node('end', () => ({}))
  .start('write')
  .build();
for await (const item of createEngine(streaming).stream({})) {
  if (item.kind === 'chunk') {
    const node: 'write' | 'tell' | 'call' | 'end' = item.node;
    const answer: string | undefined = item.chunk.answer;
    console.log(node, answer, item.delta.tokens, item.cursor);
  } else if (item.kind === 'done' && item.run.status === 'done') console.log(item.run.state.answer);
}

// A task gives back what its function returns: a plain promise for anything that can be awaited.
const counted: number = task('count', () => 1);
const awaited: Promise<{ readonly id: number }> = task('get', { key: 'a', input: { id: 1 } }, async () => ({ id: 1 }));
const builder = { select: (): PromiseLike<readonly string[]> => Promise.resolve(['row']) };
const rows: readonly string[] = await task('rows', () => builder.select());
const chunks: AsyncGenerator<string> = task('stream', async function* () {
  yield 'a';
});
const nothing: void = task('nothing', () => {});
console.log(counted, (await awaited).id, rows.length, chunks, nothing);

// It keeps its type in generic code, as in a wrapper around functions of a library.
export function traced<Given extends readonly unknown[], Result>(
  name: string,
  run: (...given: Given) => Promise<Result>,
): (...given: Given) => Promise<Result> {
  return (...given) => task(name, { input: given }, () => run(...given));
}

// `any`, as it comes from JSON.parse and from the types of clients, may stand anywhere: it is checked at run time.
interface Loose {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the program is about
  readonly args: any;
  // biome-ignore lint/suspicious/noExplicitAny: what the program is about
  readonly more?: { readonly list: any[]; readonly byName: Record<string, any> };
}
const given = JSON.parse('{}');
const loose: Loose = given;
export const lenient = graph('lenient', {
  // biome-ignore lint/suspicious/noExplicitAny: what the program is about
  state: fields({ one: last<Loose>(loose), many: append<Loose>(), any: last<Record<string, any>>({}) }),
  inputs: { work: input<Loose>(), checked: z.object({ x: z.any(), y: z.record(z.string(), z.any()) }) },
})
  .node('first', async (_state, { effect, emit, ask, send }) => {
    const answer = await effect('whole', { order: given.order, deep: { loose } }, async () => ({
      x: given.order,
      loose,
    }));
    const same = await effect('typed', loose, async ({ args }) => ({ args, list: [args] }));
    const inner = await task('inner', async () => ({ x: given.order, y: same.args }));
    emit('seen', { x: given.order, inner });
    const said = await ask({ text: given.text, draft: loose });
    return {
      delta: { one: { id: 'a', args: answer.x }, many: [loose, { id: 'b', args: said }], any: { x: given, inner } },
      route: [send('work', loose), send('work', given), send('checked', { x: given, y: { z: given } })],
    };
  })
  .node('work', (_state, { input: work }) => ({ delta: { any: { args: work.args, list: work.more?.list } } }))
  .node('checked', (_state, { input: checked }) => ({ delta: { any: checked.y } }))
  .start('first')
  .build();
// @ts-expect-error a function beside `any` is still found
fields({ wrong: last<{ readonly a: any; readonly call: () => void }>() });

// The branch that won says which type its value has.
export const raced = graph('raced', { state: fields({ name: last(''), seconds: sum() }) })
  .node('ask', async (_state, { race, sleep, effect }) => {
    const first = await race('answer', {
      name: (signal) => effect('name', null, () => (signal.aborted ? 'nobody' : 'ann')),
      late: () => sleep(10).then(() => 3),
    });
    const branch: 'name' | 'late' = first.branch;
    console.log(branch);
    return first.branch === 'name' ? { delta: { name: first.value } } : { delta: { seconds: first.value } };
  })
  .start('ask')
  .build();
