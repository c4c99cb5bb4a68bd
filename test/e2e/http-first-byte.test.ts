// What nobody has to know before a request leaves is found out behind it: the server does not wait for it.
import { request } from 'node:http';
import { expect, it, vi } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { entriesOf } from '../support/fixture-file.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const ways = {
  fetch: async (url: string, body: string, begun: () => void): Promise<string> => {
    const answer = fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    begun();
    return (await answer).text();
  },
  'node:http': (url: string, body: string, begun: () => void): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
      asked.on('error', reject).on('response', (answer) => {
        answer.setEncoding('utf8').on('data', resolve);
      });
      asked.end(body);
      begun();
    }),
};

for (const [name, ask] of Object.entries(ways))
  it(`reads the body of a request once it has left: ${name}`, async () => {
    await using server = await LoopbackServer.start((_request, response) => void response.end('yes'));
    const parse = vi.spyOn(JSON, 'parse');
    const isRead = (body: string): boolean => parse.mock.calls.some(([text]) => text === body);
    const seen: boolean[] = [];
    const asking = graph('asking', { state: fields({ answer: last('') }) })
      .node('ask', async () => {
        const body = '{"question":"which?"}';
        const answer = await ask(server.url, body, () => seen.push(isRead(body)));
        seen.push(isRead(body));
        return { delta: { answer } };
      })
      .start('ask')
      .build();
    await using engine = createEngine(asking, { effects: [httpEffects()] });
    expect(await engine.run({}).orThrow()).toEqual({ answer: 'yes' });
    parse.mockRestore();
    expect(seen).toEqual([false, true]);
  });

it('counts requests that are alike in the order in which they were made, whatever else is asked for', async () => {
  await using server = await LoopbackServer.start((asked, response) => {
    asked.resume().on('end', () => response.end(String(asked.headers['x-number'])));
  });
  const asking = graph('asking', { state: fields({ answers: last<readonly string[]>([]) }) })
    .node('ask', async (_state, { effect }) => {
      const one = (number: number): Promise<string> =>
        fetch(server.url, { method: 'POST', headers: { 'x-number': String(number) }, body: '{"alike":true}' }).then(
          (answer) => answer.text(),
        );
      const first = [one(0), one(1)];
      const called = effect('call', { alike: true }, () => 'called');
      const answers = await Promise.all([...first, called, one(2)]);
      return { delta: { answers } };
    })
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(asking, { store, effects: [httpEffects()] });
  expect(await engine.run({}, { runId: 'run' }).orThrow()).toEqual({ answers: ['0', '1', 'called', '2'] });
  const path = await exportRunTo(store, 'run', `${temporaryFolder()}/`);
  const effects = (await entriesOf(path)).flatMap((entry) => (entry.kind === 'effect' ? [entry] : []));
  const answered = effects
    .filter(({ type }) => type === 'http')
    .sort((one, other) => one.occurrence - other.occurrence);
  const bodies = answered.map(
    ({ outcome }) => (outcome as { readonly value?: { readonly body?: string } }).value?.body,
  );
  expect(answered.map(({ occurrence }) => occurrence)).toEqual([0, 1, 2]);
  expect(bodies).toEqual(['0', '1', '2']);
  expect((await replay(asking, path)).report.verdict).toBe('same');
});

it('keeps what was asked for of a client that uses its bytes again at once', async () => {
  const { request: ask } = await import('undici');
  await using server = await LoopbackServer.start((_request, response) => void response.end('yes'));
  const asking = graph('asking', { state: fields({ answer: last('') }) })
    .node('ask', async () => {
      const body = Buffer.from('{"question":"which?"}');
      const answer = ask(server.url, { method: 'POST', body });
      body.fill(' ');
      return { delta: { answer: await (await answer).body.text() } };
    })
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(asking, { store, effects: [httpEffects()] });
  await engine.run({}, { runId: 'run' }).orThrow();
  const path = await exportRunTo(store, 'run', `${temporaryFolder()}/`);
  const [request] = (await entriesOf(path)).flatMap((entry) => (entry.kind === 'effect' ? [entry.request] : []));
  expect(request).toMatchObject({ body: { json: { question: 'which?' } } });
});
