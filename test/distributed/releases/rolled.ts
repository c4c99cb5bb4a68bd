// A program that uses the package as it is installed beside it: a worker, or a desk that asks for what a person asks for. It is
// copied to where a release is installed.
import { appendFileSync } from 'node:fs';
import { append, createEngine, fields, graph, input, last, text } from 'reprise';
import { postgresStore } from 'reprise/postgres';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';

/** No worker loses a run because its machine is busy; that one has died is seen at once. */
const leaseMs = 10_000;
const wordCount = 4;
const branchCount = 3;
/** What a run performs. */
export const effectCount = wordCount + 2 + 2 * branchCount;

/** `log`: the file that says what was performed. */
function rolled(log: string) {
  const perform = async (what: string): Promise<string> => {
    if (log !== '') appendFileSync(log, `${what}\n`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return what;
  };
  const inner = graph('inner', { state: fields({ name: last(''), out: append<string>() }) })
    .node('first', async ({ name }, { effect }) => {
      await effect('first', 0, () => perform(`${name} first`));
      return { delta: { out: ['first'] } };
    })
    .node('second', async ({ name }, { effect }) => {
      await effect('second', 0, () => perform(`${name} second`));
      return { delta: { out: ['second'] } };
    })
    .edge('first', 'second')
    .start('first')
    .build();
  const state = fields({
    name: last(''),
    words: text(),
    answer: last(''),
    amount: last(0),
    inner: last(''),
    found: append<number>(),
  });
  return graph('rolled', { state, inputs: { look: input<number>(), fetch: input<number>() } })
    .node('say', async function* ({ name }, { effect }) {
      for (let word = 0; word < wordCount; word += 1) {
        await effect('say', word, () => perform(`${name} say ${word}`));
        yield { words: `${word} ` };
      }
    })
    .node('ask', async (_state, { ask }) => ({ delta: { answer: String(await ask('ok?')) } }))
    .node('pay', async (_state, { receive }) => ({ delta: { amount: Number(await receive('paid')) } }))
    .node('rest', async (_state, { sleep }) => {
      await sleep(500);
    })
    .subgraph('inside', inner, {
      input: ({ name }) => ({ name }),
      output: ({ out }) => ({ inner: out.join(' ') }),
    })
    .node('split', (_state, { send }) => ({
      route: Array.from({ length: branchCount }, (_unused, branch) => [
        send('look', branch),
        send('fetch', branch),
      ]).flat(),
    }))
    .node('look', async ({ name }, { effect, input: branch }) => {
      await effect('look', branch, () => perform(`${name} look ${branch}`));
      return { delta: { found: [branch] } };
    })
    .node(
      'fetch',
      async ({ name }, { effect, input: branch }) => {
        await effect('fetch', branch, () => perform(`${name} fetch ${branch}`));
        return { delta: { found: [10 + branch] } };
      },
      { on: 'workers' },
    )
    .edge('say', 'ask')
    .edge('ask', 'pay')
    .edge('pay', 'rest')
    .edge('rest', 'inside')
    .edge('inside', 'split')
    .start('say')
    .build();
}

/** Of each run when it has ended, but for its name. */
export const endState = {
  words: '0 1 2 3 ',
  answer: 'yes',
  amount: 44,
  inner: 'first second',
  found: [0, 10, 1, 11, 2, 12],
};

/** What a desk is asked for, and what it answers. */
export interface DeskCalls {
  enqueue(runId: string): Promise<unknown>;
  pay(runId: string): Promise<unknown>;
  /** Answers what is asked. */
  answer(runId: string): Promise<unknown>;
  status(runId: string): Promise<string | undefined>;
  /** Kind and key of each entry. */
  entries(runId: string): Promise<readonly (readonly [kind: string, at: string])[]>;
  state(runId: string): Promise<unknown>;
  /** Of a replay of its fixture, which is written to that path. */
  verdict(runId: string, path: string): Promise<string>;
}

export interface DeskCall {
  readonly id: number;
  readonly call: keyof DeskCalls;
  readonly given: readonly [runId: string, path?: string];
}

export interface DeskAnswer {
  readonly id: number;
  readonly value?: unknown;
  /** Code and message of what was thrown. */
  readonly thrown?: readonly [code: string, message: string];
}

if (import.meta.main) {
  const [role, release = '', url = '', log = '', errors = ''] = process.argv.slice(2);
  const store = postgresStore(url, { schema: 'rolled' });
  const engine = createEngine(rolled(log), { store, leaseMs });
  process.once('SIGTERM', () => void engine.close().then(() => process.disconnect?.()));
  if (role === 'worker') {
    const onError = (thrown: unknown, runId: string | undefined): void =>
      appendFileSync(errors, `${JSON.stringify([release, codeOf(thrown), runId ?? '', String(thrown)])}\n`);
    engine.work({ pollMs: 200, parkMs: 200, maxRuns: 8, onError });
    engine.work({ tasks: ['fetch'], width: 8, pollMs: 200, onError });
  } else {
    const calls: DeskCalls = {
      enqueue: (runId) => engine.enqueue({ name: runId }, { runId }),
      pay: (runId) => engine.send(runId, 'paid', 44),
      answer: async (runId) => {
        for (const { id } of await engine.questions(runId)) await engine.answer(runId, id, 'yes');
      },
      status: async (runId) => (await store.find(runId))?.status,
      entries: async (runId) => {
        const entries: (readonly [string, string])[] = [];
        for await (const { kind, at } of store.read(runId)) entries.push([kind, at]);
        return entries;
      },
      state: async (runId) => (await engine.run({ name: runId }, { runId, onExisting: 'attach' })).state,
      verdict: async (runId, path = '') => {
        await exportRunTo(store, runId, path);
        return (await replay(rolled(''), path)).report.verdict;
      },
    };
    process.on('message', async ({ id, call, given: [runId, path = ''] }: DeskCall) => {
      const answer: DeskAnswer = await calls[call](runId, path).then(
        (value) => ({ id, ...(call === 'enqueue' ? {} : { value }) }),
        (thrown: unknown) => ({ id, thrown: [codeOf(thrown), String(thrown)] }),
      );
      process.send?.(answer);
    });
  }
  process.send?.('up');
}

function codeOf(thrown: unknown): string {
  return String((thrown as { readonly code?: unknown } | null)?.code ?? '');
}
