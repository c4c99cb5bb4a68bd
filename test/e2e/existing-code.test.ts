// Code that is no graph and gets no context: recorded through `fromFunction`, `asEffect` and the ambient functions, and
// replayed with everything that it talks to gone.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import {
  asEffect,
  createEngine,
  effect,
  fields,
  fromFunction,
  graph,
  last,
  memoryStore,
  now,
  random,
  uuid,
} from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer, bodyOf } from '../support/loopback-server.ts';

const folder = sharedFolder();
const sent: string[] = [];
afterEach(() => void sent.splice(0));

let name = 0;
async function record(of: AnyGraph, input: unknown): Promise<{ readonly path: string; readonly state: unknown }> {
  const store = memoryStore();
  const engine = createEngine(of, { store, effects: [httpEffects()] });
  name += 1;
  const state = await engine.run(input as never, { runId: `code-${name}` }).orThrow();
  await engine.close();
  return { state, path: await exportRunTo(store, `code-${name}`, join(folder, `code-${name}.run.jsonl`)) };
}

class Pool {
  readonly #rows = [{ id: 1, name: 'lamp' }];
  async query(sql: string, values: readonly number[] = []): Promise<readonly { id: number; name: string }[]> {
    sent.push(`${sql} ${values.join()}`);
    return this.#rows;
  }
}
const db = asEffect('db', new Pool(), ['query']);
const run = asEffect('run', async (command: string) => {
  sent.push(command);
  return { code: 0, out: `ran ${command}` };
});

it('records and replays a handler with a model loop, a database and a process, unchanged', async () => {
  const model = await LoopbackServer.start(async (request, response) => {
    const { messages } = JSON.parse(String(await bodyOf(request))) as { messages: string[] };
    response.end(JSON.stringify(messages.length < 3 ? { tool: 'rows' } : { answer: messages.join(' ') }));
  });
  const handler = async ({ question }: { question: string }): Promise<string> => {
    const messages = [question];
    for (;;) {
      const init = { method: 'POST', body: JSON.stringify({ messages }) };
      const reply = (await (await fetch(model.url, init)).json()) as { tool?: string; answer?: string };
      if (reply.answer !== undefined) return `${reply.answer} (${uuid()}, ${random()}, ${now()})`;
      const rows = await db.query('select * from things where id = $1', [messages.length]);
      messages.push(`${rows[0]?.name} ${(await run('date')).out}`);
    }
  };
  const agent = fromFunction('agent', handler);
  const { path, state } = await record(agent, { input: { question: 'What is there?' } });
  await model[Symbol.asyncDispose]();
  expect(sent).toHaveLength(4);
  sent.length = 0;
  const again = await replay(agent, path);
  expect(again.report.verdict).toBe('same');
  expect(again.run.state).toEqual(state);
  expect(sent).toEqual([]);
});

it('belongs to the attempt that runs: draws as its context does, and keeps effects over a retry', async () => {
  let attempts = 0;
  const drawing = graph('drawing', { state: fields({ drawn: last<readonly unknown[]>([]) }) })
    .node(
      'draw',
      async (_state, context) => {
        attempts += 1;
        const drawn = [uuid(), context.uuid(), random('a'), context.random('a'), await run('once')];
        if (context.attempt === 1) throw new Error('again');
        return { delta: { drawn } };
      },
      { retry: { attempts: 2, delayMs: 1 } },
    )
    .start('draw')
    .build();
  const { path, state } = await record(drawing, {});
  const [one, two, three, four] = (state as { drawn: unknown[] }).drawn;
  expect(new Set([one, two, three, four]).size).toBe(4);
  expect({ attempts, sent }).toEqual({ attempts: 2, sent: ['once'] });
  expect((await replay(drawing, path)).report.verdict).toBe('same');
});

it('is the plain function outside of a run, and inside another effect', async () => {
  expect(await db.query('select')).toEqual([{ id: 1, name: 'lamp' }]);
  expect([now() > 1e12, random() < 1, uuid().length]).toEqual([true, true, 36]);
  expect(await effect('double', 2, async (number, { idempotencyKey }) => number * idempotencyKey.length)).toBe(72);
  const outer = fromFunction('outer', async (sql: string) =>
    effect('outer', sql, async (given) => [now() > 1e12, (await db.query(given)).length]),
  );
  const { path, state } = await record(outer, { input: 'select' });
  expect(state).toMatchObject({ output: [true, 1] });
  expect((await replay(outer, path)).report).toMatchObject({ verdict: 'same' });
});

it('cleans up with effects too', async () => {
  const release = asEffect('release', async (lock: string) => void sent.push(lock));
  const locking = graph('locking', { state: fields({}) })
    .node(
      'lock',
      (_state, { onStop, sleep }) => {
        onStop(async () => release('a'));
        return sleep(60_000) as Promise<undefined>;
      },
      { timeoutMs: 5 },
    )
    .start('lock')
    .build();
  const engine = createEngine(locking);
  expect((await engine.run({})).status).toBe('failed');
  await engine.close();
  expect(sent).toEqual(['a']);
});

it('refuses what a journal cannot hold, where the types say it and where a value shows it', async () => {
  // @ts-expect-error The result holds a function.
  asEffect('opened', async () => ({ close: () => undefined }));
  // @ts-expect-error `rows` is not an async method.
  expect(() => asEffect('db', { rows: 1 }, ['rows'])).toThrow(/rows/);
  const open = asEffect('open', async () => JSON.parse('{}', () => new (class Handle {})()) as unknown);
  const opening = fromFunction('opening', async (_given: string) => (await open()) === 1);
  const engine = createEngine(opening);
  const ended = await engine.run({ input: 'x' });
  await engine.close();
  expect(ended).toMatchObject({ status: 'failed', error: { message: expect.stringMatching(/Handle|class/) } });
});
