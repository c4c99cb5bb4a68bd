// An answer whose body the node does not read (`if (!response.ok) throw`): it is known to have come, in the attempt that got it.
import { createEngine, effectsInDoubtOf, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { LoopbackServer } from '../../support/loopback-server.ts';

/** A server that answers with these, one after another, then with 200. `lost`: it breaks the connection. */
async function bank(...script: readonly (number | 'lost')[]) {
  const asked: string[] = [];
  const server = await LoopbackServer.start((request, response) => {
    asked.push(request.url ?? '');
    const answer = script[asked.length - 1] ?? 200;
    if (answer === 'lost') request.socket.destroy();
    else response.writeHead(answer).end('{"receipt":"r1"}');
  });
  return { server, asked };
}

function paying(url: string, paths: readonly string[], attempts: number) {
  return graph('paying', { state: fields({ statuses: last<readonly number[]>([]) }) })
    .node(
      'pay',
      async () => {
        const statuses: number[] = [];
        for (const path of paths) {
          const response = await fetch(`${url}${path}`, { method: 'POST', body: '{"euros":5}' });
          statuses.push(response.status);
          if (response.status >= 500) throw new Error(`the bank says ${response.status}`);
        }
        return { delta: { statuses } };
      },
      { retry: { attempts, delayMs: 1 } },
    )
    .start('pay')
    .build();
}

describe('an answer whose body is not read', () => {
  it.each([
    [[503], 1],
    [[503, 503], 1],
    [[503, 500, 503], 2],
  ] as const)('does not answer a further attempt: %j, %i at a time', async (script, attempts) => {
    const { server, asked } = await bank(...script);
    await using _server = server;
    const store = memoryStore();
    const pay = paying(server.url, ['/charge'], attempts);
    const engine = createEngine(pay, { store, effects: [httpEffects()] });
    let run = await engine.run({}, { runId: 'run' });
    for (let count = 0; count < script.length && run.status !== 'done'; count += 1) run = await engine.resume('run');
    await engine.close();
    expect(run).toMatchObject({ status: 'done', state: { statuses: [200] } });
    expect(asked).toHaveLength(script.length + 1);
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    expect((await replay(pay, path)).report.verdict).toBe('same');
  });

  it.each([200, 402, 429])('is not in doubt once a later request is lost: status %i', async (status) => {
    const { server, asked } = await bank(status, 'lost');
    await using _server = server;
    const pay = paying(server.url, ['/charge', '/mail'], 1);
    const effects = [httpEffects({ onDoubt: () => 'fail' })];
    const store = memoryStore();
    const engine = createEngine(pay, { store, effects });
    const run = await engine.run({}, { runId: 'run' });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    const doubts = await effectsInDoubtOf(store, 'run');
    expect(doubts).toHaveLength(1);
    const resumed = await engine.resume('run', { decide: { [doubts[0]?.address ?? '']: 'retry' } });
    expect(resumed.status).toBe('done');
    expect(asked.filter((path) => path === '/mail')).toHaveLength(2);
    await engine.close();
  });
});
