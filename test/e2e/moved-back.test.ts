// A request that two tasks make, where one was recorded: it belongs to the task that it was recorded for.
import { join } from 'node:path';
import { append, createEngine, fields, graph, input, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/export-run.ts';
import { replay } from '../../src/replay/replay.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const loading = (url: string, also: readonly string[]): AnyGraph =>
  graph('loading', {
    state: fields({ docs: last<readonly string[]>(['a', 'b', 'policy']), texts: append<string>() }),
    inputs: { load: input<string>() },
  })
    .node('plan', (state, { send }) => ({ route: state.docs.map((doc) => send('load', doc)) }))
    .node('load', async (_state, { input: doc }) => {
      const [text = ''] = await Promise.all([doc, ...also].map(async (name) => (await fetch(`${url}/${name}`)).text()));
      return { delta: { texts: [text] } };
    })
    .start('plan')
    .build() as unknown as AnyGraph;

it('blames the task that asks for more, and not the one whose answer it took', async () => {
  await using server = await LoopbackServer.start((request, response) => response.end(`text of ${request.url}`));
  const store = memoryStore();
  const engine = createEngine(loading(server.url, []), { store, effects: [httpEffects()] });
  await engine.run({} as never, { runId: 'one' });
  await engine.close();
  const path = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
  const missingIn = async (strictness: 'strict' | 'lenient') => {
    const { report } = await replay(loading(server.url, ['policy']), path, { strictness });
    expect(report.moved).toBe(0);
    return report.divergences.flatMap(({ kind, address }) => (kind === 'missing effect' ? [address] : []));
  };
  expect((await missingIn('strict'))[0]).toMatch(/^2\.0#1:http:http~/);
  expect(await missingIn('lenient')).toEqual([
    expect.stringMatching(/^2\.0#1:http:http~/),
    expect.stringMatching(/^2\.1#1:http:http~/),
    '2.2#1:http:http:1',
  ]);
});
