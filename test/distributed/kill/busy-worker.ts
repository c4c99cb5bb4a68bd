// A worker as a process of its own, for runs that do a little of everything. It says in a file what it performs, a line each,
// before it answers.
import { appendFileSync } from 'node:fs';
import { append, createEngine, fields, graph, input, last, text } from '../../../src/index.ts';
import { postgresStore } from '../../../src/store/postgres/index.ts';

export const leaseMs = 2_000;
export const wordCount = 6;
export const branchCount = 3;
/** What a run performs when nobody cancels it. */
export const effectCount = wordCount + 2 * branchCount;

/** `log`: the file that says what was performed. */
export function busy(log: string) {
  const perform = async (what: string): Promise<string> => {
    appendFileSync(log, `${what}\n`);
    await new Promise((resolve) => setTimeout(resolve, 40));
    return what;
  };
  const state = fields({ name: last(''), words: text(), answer: last(''), amount: last(0), found: append<number>() });
  return graph('busy', { state, inputs: { look: input<number>(), fetch: input<number>() } })
    .node('say', async function* ({ name }, { effect }) {
      for (let word = 0; word < wordCount; word += 1) {
        await effect('say', word, () => perform(`${name} say ${word}`));
        yield { words: `${word} ` };
      }
    })
    .node('ask', async (_state, { ask }) => ({ delta: { answer: String(await ask('ok?')) } }))
    .node('pay', async (_state, { receive }) => ({ delta: { amount: Number(await receive('paid')) } }))
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
        return { delta: { found: [branch] } };
      },
      { on: 'workers' },
    )
    .edge('say', 'ask')
    .edge('ask', 'pay')
    .edge('pay', 'split')
    .start('say')
    .build();
}

if (import.meta.main) {
  const [url = '', schema = '', log = ''] = process.argv.slice(2);
  const engine = createEngine(busy(log), { store: postgresStore(url, { schema }), leaseMs });
  engine.work({ pollMs: 200, maxRuns: 8, onError: (thrown, runId) => console.error(runId, String(thrown)) });
  engine.work({ tasks: ['fetch'], width: 8, pollMs: 200, onError: (thrown, id) => console.error(id, String(thrown)) });
  process.once('SIGTERM', () => void engine.close());
}
