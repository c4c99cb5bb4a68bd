// A run whose lease is lost at any of its writes, while everything that waits for a write is under way: its caller
// is told, and nothing of it ends the process.
import { request as nodeRequest } from 'node:http';
import { append, createEngine, fields, graph, input, memoryStore, text } from 'reprise';
import { httpEffects } from 'reprise/http';
import type { RunStore } from 'reprise';
import { describe, it } from 'vitest';
import { keptStore } from '../../../support/changed-store.ts';
import { bodyOf, LoopbackServer, pause } from '../../../support/loopback-server.ts';

type Durability = 'effect' | 'step';
/** How the store says that the lease is lost. */
type Way = 'at once' | 'later';

/** Each kind of effect, chunks, events, an inner run and a clean-up, side by side. */
function everything(url: string) {
  const refused = { count: 0 };
  const perform = async (): Promise<number> => {
    await pause(1);
    return 1;
  };
  const inner = graph('inner', { state: fields({ log: append<string>() }) })
    .node('first', async (_state, { effect }) => ({ delta: { log: [String(await effect('deep', 0, perform))] } }))
    .node('second', async (_state, { effect }) => ({ delta: { log: [String(await effect('deeper', 0, perform))] } }))
    .edge('first', 'second')
    .start('first')
    .build();
  return graph('everything', {
    state: fields({ log: append<string>(), story: text() }),
    inputs: { call: input<string>() },
  })
    .node('go', (_state, { send, goto }) => ({
      route: [
        ...['plain', 'once', 'fail', 'retry'].map((how) => send('call', how)),
        ...(
          ['fetch', 'upload', 'written', 'left', 'ask', 'receive', 'nap', 'tell', 'write', 'hold', 'inner'] as const
        ).map((name) => goto(name)),
      ],
    }))
    .node('call', async (_state, { input: how, effect }) => {
      if (how === 'plain') await Promise.all([0, 1, 2].map((place) => effect('plain', place, perform)));
      if (how === 'once') await effect('once', 0, perform, { once: true });
      if (how === 'fail') await effect('careful', 0, perform, { onDoubt: 'ask' });
      if (how === 'retry')
        await effect(
          'flaky',
          0,
          () => {
            refused.count += 1;
            if (refused.count % 2 === 1) throw new Error('not now');
            return 1;
          },
          { retry: { attempts: 3, delayMs: 1 } },
        );
    })
    .node('fetch', async () => {
      for (const place of [0, 1]) await (await fetch(`${url}/${place}`, { method: 'POST', body: 'whole' })).text();
    })
    .node('upload', async () => {
      const parts = ['one', 'two'].values();
      const body = new ReadableStream({
        async pull(controller) {
          await pause(2);
          const { value, done } = parts.next();
          if (done === true) controller.close();
          else controller.enqueue(new TextEncoder().encode(value));
        },
      });
      await (await fetch(`${url}/upload`, { method: 'POST', body, duplex: 'half' } as RequestInit)).text();
    })
    .node('written', async () => {
      await new Promise<void>((resolve, reject) => {
        const sent = nodeRequest(`${url}/written`, { method: 'POST' }, (answer) => {
          answer.resume().on('end', resolve).on('error', reject);
        });
        sent.on('error', reject);
        sent.write('one');
        setTimeout(() => sent.end('two'), 2);
      });
    })
    .node('left', async (_state, { effect }) => {
      fetch(`${url}/left`).then(
        (answer) => answer.text().catch(() => ''),
        () => '',
      );
      setTimeout(() => fetch(`${url}/late`, { method: 'POST', body: 'late' }).catch(() => undefined), 4);
      await effect('beside', 0, perform);
    })
    .node('ask', async (_state, { ask }) => void (await ask('may I?', { name: 'may' })))
    .node('receive', async (_state, { receive }) => {
      await receive('signal');
      await receive('other', { timeoutMs: 3 }).catch(() => undefined);
    })
    .node('nap', async (_state, { sleep, now }) => {
      await sleep(3);
      now();
    })
    .node('tell', async (_state, { emit, effect }) => {
      emit('told', 1);
      await effect('telling', 0, perform);
      emit('told', 2);
    })
    .node('write', async function* () {
      for (let place = 0; place < 6; place += 1) {
        if (place % 2 === 0) await pause(2);
        yield { story: `${place} ` };
      }
    })
    .node(
      'hold',
      async (_state, { attempt, effect, sleep, onStop }) => {
        onStop(({ effect: clean }) => clean('unlock', 0, perform));
        await effect('lock', 0, perform, { repeat: true });
        await sleep(attempt === 1 ? 3_600_000 : 1);
      },
      { timeoutMs: 20, retry: { attempts: 100, delayMs: 1 } },
    )
    .subgraph('inner', inner, { input: () => ({ log: [] }), output: ({ log }) => ({ log: [...log] }) })
    .start('go')
    .build();
}

/** A store from which the run is taken just before this write of it. */
function losingStore(inner: ReturnType<typeof memoryStore>, way: Way, lossAt: number) {
  let left = lossAt;
  const writing =
    <Given extends readonly unknown[], Result>(write: (...given: Given) => Result) =>
    (...given: Given): Result => {
      if (left === 0) inner.take('run');
      left -= 1;
      if (way === 'at once') return write(...given);
      return pause(1).then(() => write(...given)) as Result;
    };
  const store: RunStore = keptStore(inner, {
    isDurable: true,
    append: writing(inner.append.bind(inner)),
    dropChunks: writing((...given) => inner.dropChunks?.(...given)),
    release: writing(inner.release.bind(inner)),
  });
  return { store, isLost: () => left < 0 };
}

/** What nobody has caught, of the whole process. */
function uncaught(onTestFinished: (end: () => void) => void): readonly unknown[] {
  const seen: unknown[] = [];
  const see = (thrown: unknown): void => void seen.push(thrown);
  for (const name of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(name as 'unhandledRejection', see);
    onTestFinished(() => void process.off(name as 'unhandledRejection', see));
  }
  return seen;
}

describe.concurrent.each<Durability>(['effect', 'step'])('at the level %s', (durability) => {
  it.for<Way>(['at once', 'later'])(
    'a lease that is lost %s, at any write, begun or resumed, rejects the run and nothing else',
    { timeout: 180_000 },
    async (way, { expect, onTestFinished }) => {
      const seen = uncaught(onTestFinished);
      await using server = await LoopbackServer.start(async (request, response) => {
        // It may be cut.
        await bodyOf(request).catch(() => undefined);
        response.write('some');
        setTimeout(() => response.end('more'), 1);
      });
      const built = everything(server.url);
      const drive = async (inner: ReturnType<typeof memoryStore>, lossAt: number): Promise<boolean> => {
        const { store, isLost } = losingStore(inner, way, lossAt);
        const options = { durability, effects: [httpEffects()], events: [{ deliver: () => undefined }], graceMs: 5 };
        const engine = createEngine(built, { ...options, store });
        const became = await engine.resume('run').then(
          ({ status }) => status,
          (thrown: { readonly code: string }) => thrown.code,
        );
        await pause(6);
        await engine.close();
        expect(became, `write ${lossAt}`).toBe(isLost() ? 'lease-lost' : 'paused');
        return isLost();
      };
      let losses = 0;
      for (let lossAt = 0; ; lossAt += 1) {
        const inner = memoryStore();
        const engine = createEngine(built, { store: keptStore(inner) });
        await engine.enqueue({}, { runId: 'run' });
        await engine.send('run', 'signal', 1);
        const wasLost = await drive(inner, lossAt);
        if (!wasLost) break;
        losses += 1;
        // What is held back until the journal is followed is performed in turns of its own.
        await drive(inner, lossAt % 5);
        expect(seen, `write ${lossAt}`).toEqual([]);
      }
      expect(losses).toBeGreaterThan(durability === 'effect' ? 8 : 3);
    },
  );
});
