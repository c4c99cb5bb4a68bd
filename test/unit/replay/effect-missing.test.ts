import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { expect, it } from 'vitest';
import { messageOf } from '../../../src/base/error.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { LoopbackServer } from '../../support/loopback-server.ts';

/** Asks for one thing after another, and gives what the errors say. */
const asking = (requests: readonly (readonly [name: string, request: number])[]) =>
  graph('asking', { state: fields({ said: last('') }) })
    .node('ask', async (_state, { effect }) => {
      const said: string[] = [];
      for (const [name, request] of requests)
        await effect(name, request, (given) => given).catch((thrown: unknown) => said.push(messageOf(thrown)));
      return { delta: { said: said.join('; ') } };
    })
    .start('ask')
    .build();

it('names an effect that was not recorded, and never as one that was', async () => {
  const store = memoryStore();
  await using engine = createEngine(asking([['charge', 5]]), { store });
  await engine.run({}, { runId: 'first', seed: 's' });
  const fixture = await exportRunTo(store, 'first', `${temporaryFolder()}/first.run.jsonl`);
  const changed = asking([
    ['charge', 5],
    ['charge', 5],
    ['charge', 7],
    ['mail', 1],
  ]);
  const { run, report } = await replay(changed, fixture);
  expect(run.state.said).toBe(
    [
      'effect 1.0#1:call:charge:1 was not recorded',
      'effect 1.0#1:call:charge~7902699 was not recorded',
      'effect 1.0#1:call:mail was not recorded',
    ].join('; '),
  );
  expect(report.divergences.map(({ kind, address }) => `${kind} ${address}`)).toEqual([
    'missing effect 1.0#1:call:charge~ef2d127:1',
    'missing effect 1.0#1:call:charge~7902699',
    'missing effect 1.0#1:call:mail',
    'output undefined',
    'state undefined',
  ]);
});

it('says of a request that nothing could have recorded that it is not the code', async () => {
  await using server = await LoopbackServer.start((_asked, answer) => answer.end('hello'));
  const fetching = graph('fetching', { state: fields({ said: last('') }) })
    .node('ask', async () => ({ delta: { said: await (await fetch(server.url)).text() } }))
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(fetching, { store });
  await engine.run({}, { runId: 'first' }).orThrow();
  const { report } = await replay(fetching, await exportRunTo(store, 'first', `${temporaryFolder()}/first.run.jsonl`));
  expect(report.roots).toMatchObject([{ class: 'uncontrolled input', mayBe: [] }]);
  expect(report.causes?.unknown[0]).toMatch('no `httpEffects()`');
});
