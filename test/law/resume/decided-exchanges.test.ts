// What somebody decides about a request in doubt: an answer as people write one, given to any client as if it had come from
// the server, or refused at once.
import { request as httpRequest } from 'node:http';
import { createEngine, effectsInDoubtOf, fields, graph, last, memoryStore } from 'reprise';
import type { Decided } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { LoopbackServer } from '../../support/loopback-server.ts';

interface Got {
  readonly status: number | undefined;
  readonly type: string | null | undefined;
  readonly body: string;
}

const clients = {
  fetch: async (url: string): Promise<Got> => {
    const answer = await fetch(url, { method: 'POST' });
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
  },
  'node:http': (url: string): Promise<Got> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(url, { method: 'POST' }, async (answer) => {
        const body = Buffer.concat(await answer.toArray()).toString();
        resolve({ status: answer.statusCode, type: answer.headers['content-type'] ?? null, body });
      });
      request.on('error', reject).end();
    }),
};

/** A run whose request is in doubt: its connection broke. */
async function lost(client: (url: string) => Promise<Got>, onDoubt: 'fail' | 'ask') {
  const asked: string[] = [];
  const server = await LoopbackServer.start((request) => {
    asked.push(request.url ?? '');
    request.socket.destroy();
  });
  const pay = graph('pay', { state: fields({ got: last<Got | null>(null) }) })
    .node('charge', async () => ({ delta: { got: await client(`${server.url}/charge`) } }))
    .start('charge')
    .build();
  const store = memoryStore();
  const engine = createEngine(pay, { store, effects: [httpEffects({ onDoubt: () => onDoubt })] });
  await engine.run({}, { runId: 'run' });
  const [doubt] = await effectsInDoubtOf(store, 'run');
  const address = doubt?.address ?? '';
  const decide = async (value: unknown) => {
    if (onDoubt === 'fail') return engine.resume('run', { decide: { [address]: { value } as Decided } });
    expect(await engine.resume('run')).toMatchObject({ status: 'paused' });
    return engine.resume('run', { answer: { value } });
  };
  const replaysSame = async () => {
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    expect((await replay(pay, path)).report.verdict).toBe('same');
  };
  const close = async () => {
    await engine.close();
    await server[Symbol.asyncDispose]();
  };
  return { decide, replaysSame, asked, [Symbol.asyncDispose]: close };
}

const json = 'application/json';

describe.each(['fail', 'ask'] as const)('a request with the policy `%s`', (onDoubt) => {
  describe.each(Object.entries(clients))('of %s', (_name, client) => {
    it.each<[unknown, Got]>([
      [{ status: 204 }, { status: 204, type: null, body: '' }],
      [
        { status: 200, body: 'paid' },
        { status: 200, type: null, body: 'paid' },
      ],
      [
        { status: 201, body: { receipt: ['r1', null] } },
        { status: 201, type: json, body: '{"receipt":["r1",null]}' },
      ],
      [
        { status: 200, headers: { 'Content-Type': 'application/vnd.bank+json' }, body: { ok: true } },
        { status: 200, type: 'application/vnd.bank+json', body: '{"ok":true}' },
      ],
      [
        { status: 402, headers: {}, body: 'no', ended: 'complete' },
        { status: 402, type: null, body: 'no' },
      ],
    ])('is taken to have had the answer %j', async (value, got) => {
      await using run = await lost(client, onDoubt);
      expect(await run.decide(value)).toMatchObject({ status: 'done', state: { got } });
      expect(run.asked).toEqual(['/charge']);
      await run.replaysSame();
    });
  });

  it.each([
    'paid',
    7,
    null,
    {},
    { body: 'paid' },
    { status: '200' },
    { status: 99 },
    { status: 200, header: {} },
    { status: 200, headers: ['a'] },
    { status: 200, headers: { 'x-a': 1 } },
    { status: 200, headers: { 'no name': 'a' } },
    { status: 200, body: { at: new Date(0) } },
    { status: 200, ended: 'broken' },
  ])('refuses %j at once, says what to write, and stays in doubt', async (value) => {
    await using run = await lost(clients.fetch, onDoubt);
    await expect(run.decide(value)).rejects.toMatchObject({
      code: 'answer-invalid',
      nextStep: expect.stringContaining('{ "value": { "status": 200, "body": …'),
    });
    expect(await run.decide({ status: 200, body: 'paid' })).toMatchObject({ state: { got: { body: 'paid' } } });
    expect(run.asked).toEqual(['/charge']);
  });
});
