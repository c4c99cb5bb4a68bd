// A client that tries again by itself asks for the same several times in one attempt, and a further attempt asks from the start.
import { createEngine, effectsInDoubtOf, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { describe, expect, it } from 'vitest';
import { LoopbackServer } from '../../support/loopback-server.ts';

/** Charges once for each key, or each time it is asked without one. `charged`: the charge is made, and its answer is lost. */
async function bank(script: readonly (number | 'charged')[]) {
  const seen: { readonly charges: string[]; readonly keys: (string | undefined)[] } = { charges: [], keys: [] };
  const server = await LoopbackServer.start((request, response) => {
    const key = request.headers['idempotency-key'] as string | undefined;
    const answer = script[seen.keys.length] ?? 200;
    seen.keys.push(key);
    if (answer !== 'charged' && answer !== 200) response.writeHead(answer).end('{}');
    else {
      if (key === undefined || !seen.charges.includes(key)) seen.charges.push(key ?? 'without a key');
      if (answer === 'charged') request.socket.destroy();
      else response.end('{"receipt":"r1"}');
    }
  });
  return { server, seen };
}

/** As the clients of providers do: up to three tries, a moment apart. */
const paying = (url: string) =>
  graph('paying', { state: fields({ receipt: last('') }) })
    .node('pay', async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          const response = await fetch(`${url}/charge`, { method: 'POST', body: '{"euros":5}' });
          const { receipt } = (await response.json()) as { receipt: string };
          if (!response.ok) throw new Error(`the bank says ${response.status}`);
          return { delta: { receipt } };
        } catch (thrown) {
          if (tries === 3) throw thrown;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
    })
    .start('pay')
    .build();

describe('a client that tries again by itself', () => {
  it.each([
    [[503, 'charged', 503]],
    [['charged', 429, 503]],
    [[503, 503, 'charged']],
    [['charged', 'charged']],
  ] as const)('has one key for all of its tries that do not say whether it happened: %j', async (script) => {
    const { server, seen } = await bank(script);
    await using _server = server;
    const effects = [httpEffects({ idempotencyHeader: () => 'idempotency-key' })];
    const engine = createEngine(paying(server.url), { store: memoryStore(), effects });
    let run = await engine.run({}, { runId: 'run' });
    if (run.status === 'failed') run = await engine.resume('run');
    expect(run).toMatchObject({ status: 'done', state: { receipt: 'r1' } });
    expect(new Set(seen.keys).size).toBe(1);
    expect(seen.charges).toHaveLength(1);
    await engine.close();
  });

  it('gets a new key after a refusal', async () => {
    const { server, seen } = await bank([402, 'charged']);
    await using _server = server;
    const effects = [httpEffects({ idempotencyHeader: () => 'idempotency-key' })];
    const engine = createEngine(paying(server.url), { store: memoryStore(), effects });
    await engine.run({}, { runId: 'run' });
    expect(seen.keys.map((key) => seen.keys.indexOf(key))).toEqual([0, 1, 1]);
    await engine.close();
  });

  /** What is done with the body of an answer that is no success, before the next try. */
  const leaving: Readonly<Record<string, (response: Response) => Promise<unknown> | undefined>> = {
    'not read': () => undefined,
    'read in part': (response) => response.body?.getReader().read(),
    cancelled: (response) => response.body?.cancel(),
  };

  /** Answers with a head and the beginning of a body first, and with the rest of it once all is over. */
  async function slowBank(status: number) {
    const keys: (string | undefined)[] = [];
    const open: (() => void)[] = [];
    const server = await LoopbackServer.start((request, response) => {
      keys.push(request.headers['idempotency-key'] as string | undefined);
      if (keys.length === 3) response.end('r1');
      else {
        response.writeHead(status).write('not');
        open.push(() => response.end('now'));
      }
    });
    const end = (): void => {
      for (const each of open) each();
    };
    return { server, keys, end };
  }

  const throughHeads = (url: string, leave: (response: Response) => Promise<unknown> | undefined) =>
    graph('impatient', { state: fields({ receipt: last('') }) })
      .node('pay', async () => {
        for (;;) {
          const response = await fetch(`${url}/charge`, { method: 'POST', body: '{"euros":5}' });
          if (response.ok) return { delta: { receipt: await response.text() } };
          await leave(response);
        }
      })
      .start('pay')
      .build();

  const cases = [503, 500, 429, 409].flatMap((status) =>
    (['retry', 'fail', 'ask'] as const).map((onDoubt) => [status, onDoubt] as const),
  );
  describe.each(Object.entries(leaving))('and leaves a body %s', (_how, leave) => {
    it.each(cases)('keeps its key after %i (%s)', async (status, onDoubt) => {
      const { server, keys, end } = await slowBank(status);
      await using _server = server;
      const effects = [httpEffects({ onDoubt: () => onDoubt, idempotencyHeader: () => 'idempotency-key' })];
      const engine = createEngine(throughHeads(server.url, leave), { store: memoryStore(), effects });
      const run = await engine.run({});
      end();
      expect(run).toMatchObject({ status: 'done', state: { receipt: 'r1' } });
      expect(keys).toHaveLength(3);
      expect(new Set(keys).size).toBe(1);
      await engine.close();
    });

    it('gets another key after a refusal', async () => {
      const { server, keys, end } = await slowBank(402);
      await using _server = server;
      const effects = [httpEffects({ idempotencyHeader: () => 'idempotency-key' })];
      const engine = createEngine(throughHeads(server.url, leave), { store: memoryStore(), effects });
      await engine.run({});
      end();
      expect(new Set(keys).size).toBe(3);
      await engine.close();
    });
  });

  it('makes two equal requests whose answers it does not read as two', async () => {
    const { server, keys } = await slowBank(200);
    await using _server = server;
    const twice = graph('twice', { state: fields({}) })
      .node('pay', async () => {
        for (let count = 0; count < 2; count += 1)
          await fetch(`${server.url}/charge`, { method: 'POST', body: '{"euros":5}' });
        return {};
      })
      .start('pay')
      .build();
    const effects = [httpEffects({ idempotencyHeader: () => 'idempotency-key' })];
    const engine = createEngine(twice, { store: memoryStore(), effects });
    expect(await engine.run({})).toMatchObject({ status: 'done' });
    expect(new Set(keys).size).toBe(2);
    await engine.close();
  });

  const firsts = [[], [503], [429], [401]] as const;
  it.each(firsts.flatMap((first) => [[first, 'fail'] as const, [first, 'ask'] as const]))(
    'is not passed by a plain resume: %j, then lost (%s)',
    async (first, onDoubt) => {
      const { server, seen } = await bank([...first, 'charged']);
      await using _server = server;
      const store = memoryStore();
      const effects = [httpEffects({ onDoubt: () => onDoubt, idempotencyHeader: () => 'idempotency-key' })];
      const engine = createEngine(paying(server.url), { store, effects });
      expect(await engine.run({}, { runId: 'run' })).toMatchObject({ status: 'failed' });
      const resumed = await engine.resume('run');
      expect(resumed.status).toBe(onDoubt === 'ask' ? 'paused' : 'failed');
      expect(seen.charges).toHaveLength(1);
      const doubts = await effectsInDoubtOf(store, 'run');
      expect(doubts).toHaveLength(1);
      const done =
        onDoubt === 'ask'
          ? await engine.answer('run', undefined, 'retry').then(() => engine.resume('run'))
          : await engine.resume('run', { decide: { [doubts[0]?.address ?? '']: 'retry' } });
      expect(done).toMatchObject({ status: 'done', state: { receipt: 'r1' } });
      expect(seen.charges).toHaveLength(1);
      expect(await effectsInDoubtOf(store, 'run')).toEqual([]);
      await engine.close();
    },
  );
});
