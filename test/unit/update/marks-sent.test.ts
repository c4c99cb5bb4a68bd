// What is redacted in a fixture is given to the code as marks. A live update must not send these to anybody.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import type { ExportToOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bodyOf, LoopbackServer } from '../../support/loopback-server.ts';

let provider: LoopbackServer;
let asked: string[] = [];
beforeAll(async () => {
  provider = await LoopbackServer.start(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${(await bodyOf(request)).toString()}`);
    response.end('ok');
  });
});
afterAll(() => provider[Symbol.asyncDispose]());

interface Code {
  /** What a second request is made of; undefined for none. */
  readonly more?: (mail: string) => { readonly path: string; readonly body?: object };
}

const desk = ({ more }: Code): AnyGraph =>
  graph('desk', { state: fields({ mail: last<string>(), log: append<string>() }) })
    .node('answer', async ({ mail }) => {
      const model = await fetch(`${provider.url}/model`, { method: 'POST', body: JSON.stringify({ text: 'hello' }) });
      const log = [await model.text()];
      if (more === undefined) return { delta: { log } };
      const { path, body } = more(mail);
      const second = await fetch(provider.url + path, body && { method: 'POST', body: JSON.stringify(body) });
      return { delta: { log: [...log, await second.text()] } };
    })
    .start('answer')
    .build() as unknown as AnyGraph;

async function recorded(input: string, options: ExportToOptions): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(desk({}), { store, effects: [httpEffects()] });
  const run = await engine.run({ mail: input } as never, { runId: 'one', seed: 'seed' });
  expect(run.status).toBe('done');
  asked = [];
  return exportRunTo(store, run.id, join(temporaryFolder(), 'one.run.jsonl'), options);
}

const values = { redact: { values: ['email', 'card', 'phone', 'iban'] } } as const;
const paths = { redact: { paths: ['state.mail'] } } as const;

it.each([
  [
    'an address in a path',
    'ada@example.org',
    values,
    (mail: string) => ({ path: `/customers/${encodeURIComponent(mail)}` }),
  ],
  ['an address in a body', 'ada@example.org', values, (mail: string) => ({ path: '/mail', body: { to: [mail] } })],
  ['a card', 'card 4242 4242 4242 4242', values, (mail: string) => ({ path: '/pay', body: { card: mail.slice(5) } })],
  ['a phone number', '+49 170 1234567', values, (mail: string) => ({ path: '/call', body: { to: mail } })],
  ['an account', 'DE89370400440532013000', values, (mail: string) => ({ path: '/pay', body: { iban: mail } })],
  ['a whole text', 'I am ill', paths, (mail: string) => ({ path: '/model', body: { prompt: `Answer: ${mail}` } })],
] as const)('refuses to send the mark of %s', async (_what, input, options, more) => {
  const path = await recorded(input, options);
  const before = readFileSync(path);
  const update = await updateFixture(desk({ more }), path, { live: true });
  expect(update).toMatchObject({ verdict: 'refused', why: 'redacted' });
  expect(update.missing).toHaveLength(1);
  expect(asked).toEqual([]);
  expect(readFileSync(path)).toEqual(before);
  const sent = await updateFixture(desk({ more }), path, { live: true, sendMarks: true });
  expect(sent).toMatchObject({ verdict: 'updated' });
  expect(asked).toHaveLength(1);
});

it.each([
  ['what holds no mark', 'ada@example.org', () => ({ path: '/more', body: { amount: 10_000_000 } })],
  ['zeros of its own', 'ada@example.org, 10000000', () => ({ path: '/more', body: { id: '00000000' } })],
] as const)('performs %s', async (_what, input, more) => {
  const path = await recorded(input, values);
  const today = desk({ more });
  expect(await updateFixture(today, path, { live: true })).toMatchObject({ verdict: 'updated' });
  expect(asked).toHaveLength(1);
  expect((await replay(today, path)).report.verdict).toBe('same');
});
