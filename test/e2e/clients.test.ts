// A fixed part of the matrix of clients (test/clients), with clients that the project has anyway: every situation once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { notApplicable } from '../clients/ask.ts';
import type { Client } from '../clients/client.ts';
import { differences } from '../clients/compare.ts';
import type { Results } from '../clients/matrix.ts';
import { MatrixServer } from '../clients/server.ts';
import { situations } from '../clients/situations/index.ts';
import type { Situation } from '../clients/situations/situation.ts';
import { run } from '../clients/ways.ts';
import { crashedBeforeOutcome } from '../support/crashed-store.ts';
import { sharedFolder } from '../support/folder.ts';

const { clients } = (await import('../clients/clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const named = (name: string): Client => clients.find((client) => client.name === name) as Client;
const chosen = ['node:http, keep-alive', 'openai', 'fetch', 'anthropic', 'google genai'].map(named);

/** The time limits of clients of models end with the head of an answer: they would wait for ever. */
function canBeAsked(client: Client, situation: Situation): boolean {
  const waits = client.kind === 'model' && situation.name === 'timeout-in-body';
  return !waits && notApplicable(client, situation) === undefined;
}

const cells = situations.map((situation, at): readonly [Client, Situation] => {
  const turned = [...chosen.slice(at % chosen.length), ...chosen];
  return [turned.find((client) => canBeAsked(client, situation)) as Client, situation];
});

describe.each(chosen.map((client) => [client.name, client] as const))('%s', (_, client) => {
  const own = cells.flatMap(([by, situation]) => (by === client ? [situation] : []));
  const folder = sharedFolder();
  const store = memoryStore();
  let server: MatrixServer;
  beforeAll(async () => {
    server = await MatrixServer.start(client.content, own, `${folder}/server.sock`);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(own.map((situation) => [situation.name, situation] as const))('%s', async (name, situation) => {
    const targets = { ...server, closedUrl: 'http://127.0.0.1:9' };
    const world = { client: await client.open(), targets, store, folder };
    const seen: Record<string, unknown> = {};
    const arrived: Record<string, unknown> = {};
    for (const way of ['bare', 'live', 'replayed'] as const) {
      seen[way] = { [name]: await run(way, situation, world) };
      arrived[way] = server.taken();
    }
    const crashed = { ...world, store: await crashedBeforeOutcome(store, name) };
    seen.resumed = { [name]: await run('resumed', situation, crashed) };
    arrived.resumed = server.taken();
    const results = { seen: { ...seen, killed: seen.live }, arrived: { ...arrived, killed: arrived.live } };
    expect(differences(name, results as unknown as Results)).toEqual([]);
  });
});
