// What the config says about requests of unchanged code counts for every command that sends them: without a key, a server
// that honours keys would do the work of a request in doubt a second time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

/** Charges once for each key. The first answer for each order is lost. */
const keys: (string | undefined)[] = [];
const charged = new Map<string, string>();
let bank: LoopbackServer;
const folder = sharedFolder();
const run = (...args: readonly string[]): Promise<Ended> => reprise(folder, args);

const pay = (url: string): string => `import { fields, graph, last } from 'reprise';

export const pay = graph('pay', { state: fields({ order: last<string>(), paid: last('no') }) })
  .node('charge', async ({ order }) => {
    const answer = await fetch('${url}/' + order, { method: 'POST' });
    return { delta: { paid: await answer.text() } };
  })
  .start('charge')
  .build();
`;

const config = `import { defineConfig } from 'reprise/config';

export default defineConfig({
  graphs: ['src/pay.ts'],
  store: 'runs.db',
  http: { onDoubt: ({ method }) => (method === 'POST' ? 'fail' : undefined), idempotencyHeader: () => 'idempotency-key' },
});
`;

beforeAll(async () => {
  bank = await LoopbackServer.start((request, response) => {
    const key = request.headers['idempotency-key'] as string | undefined;
    keys.push(key);
    const order = request.url ?? '';
    const receipt = charged.get(`${key}`) ?? `receipt ${charged.size + 1}`;
    charged.set(key ?? `none ${keys.length}`, receipt);
    if (keys.length % 2 === 1) request.socket.destroy();
    else response.end(`${order}: ${receipt}`);
  });
  makeProject(folder, { 'src/pay.ts': pay(bank.url), 'reprise.config.ts': config });
});
afterAll(() => bank[Symbol.asyncDispose]());

/** The address in what is printed about a run in doubt. */
async function inDoubt(runId: string): Promise<string> {
  const { runs } = JSON.parse((await run('list', '--in-doubt', '--json')).out) as {
    readonly runs: readonly { readonly runId: string; readonly inDoubt: readonly { readonly address: string }[] }[];
  };
  return runs.find((each) => each.runId === runId)?.inDoubt[0]?.address ?? '';
}

describe('`http` of the config', () => {
  it.each(['order-1', 'order-2'])('has a request in doubt sent again with its key: %s', async (how) => {
    const first = keys.length;
    const began = await run('run', 'pay', '--input', `{"order":"${how}"}`, '--run-id', how);
    expect(began).toMatchObject({ code: 1, talk: expect.stringContaining('effect-in-doubt') });
    expect(keys).toHaveLength(first + 1);
    const decide = ['--decide', `${await inDoubt(how)}=retry`];
    expect(await run('resume', how)).toMatchObject({ code: 1 });
    expect(keys).toHaveLength(first + 1);
    expect((await run('resume', how, ...decide)).code).toBe(0);
    expect(keys.slice(first)).toEqual([keys[first], keys[first]]);
    expect(keys[first]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('counts for runs that a worker takes up', async () => {
    const first = keys.length;
    expect((await run('enqueue', 'pay', '--input', '{"order":"queued"}', '--run-id', 'queued')).code).toBe(0);
    await run('resume', '--all');
    expect(keys.slice(first)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(await inDoubt('queued')).toContain('1.0#1:http:');
    expect(charged.size).toBe(3);
  });

  it.each([
    ["{ onDoubt: 'fail' }", '"http.onDoubt"'],
    ['{ idempotencyHeaders: () => "key" }', 'idempotencyHeader'],
    ['[]', '"http"'],
  ])('is refused as %s', async (http, named) => {
    const bad = sharedFolder();
    makeProject(bad, { 'reprise.config.mjs': `export default { http: ${http} };\n` });
    const refused = await reprise(bad, ['list']);
    expect(refused).toMatchObject({ code: 2, talk: expect.stringContaining('config-invalid') });
    expect(refused.talk).toContain(named);
  });
});
