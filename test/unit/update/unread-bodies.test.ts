// A body that nobody read is not in the fixture. Code that reads it now waits for what never comes, and may give up by a time of
// its own: that says nothing of what it would do, and is not what a run is expected to come to.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { LoopbackServer } from '../../support/loopback-server.ts';

let provider: LoopbackServer;
let asked = 0;
beforeAll(async () => {
  provider = await LoopbackServer.start((_request, response) => {
    asked += 1;
    response.statusCode = asked % 2 === 1 ? 429 : 200;
    response.end('{"error":"slow down"}');
  });
});
afterAll(() => provider[Symbol.asyncDispose]());

interface Code {
  readonly tries: number;
  readonly isLimited?: boolean;
  readonly isCaught?: boolean;
}

function desk({ tries, isLimited = true, isCaught = false }: Code): AnyGraph {
  const call = async (): Promise<string> => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(`${provider.url}/x`, isLimited ? { signal: AbortSignal.timeout(5_000) } : {});
      if (answer.status === 429 && attempt < tries) continue;
      if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
      return answer.text();
    }
  };
  return graph('desk', { state: fields({ text: last('') }) })
    .node('ask', async () => ({
      delta: { text: isCaught ? await call().catch((error: Error) => `nothing: ${error.message}`) : await call() },
    }))
    .start('ask')
    .build() as unknown as AnyGraph;
}

async function recorded(code: Code): Promise<string> {
  asked = 0;
  const store = memoryStore();
  await using engine = createEngine(desk(code), { store, effects: [httpEffects()] });
  const run = await engine.run({}, { runId: 'one', seed: 'seed' });
  expect(run.status).toBe('done');
  return exportRunTo(store, run.id, join(temporaryFolder(), 'one.run.jsonl'));
}

it.each([
  ['without a time', { isLimited: false }],
  ['for a time of its own', { isLimited: true }],
  ['for a time of its own, and handles that', { isLimited: true, isCaught: true }],
] as const)('is waited for %s, which is no result', async (_how, how) => {
  const path = await recorded({ tries: 3, ...how });
  const before = readFileSync(path);
  const today = desk({ tries: 1, ...how });
  const { report } = await replay(today, path);
  const found = report.divergences.filter(({ kind, path: place }) => kind === 'missing effect' && place === 'answer');
  expect(found).toMatchObject([{ detail: expect.stringMatching(/^GET .x/) }]);
  expect(report.divergences[0]).toEqual(found[0]);
  expect(await updateFixture(today, path)).toMatchObject({ verdict: 'refused', why: 'not recorded' });
  expect(readFileSync(path)).toEqual(before);
});

it('is no news to the code that leaves it', async () => {
  const path = await recorded({ tries: 3 });
  expect((await replay(desk({ tries: 3 }), path)).report.verdict).toBe('same');
  expect(await updateFixture(desk({ tries: 3 }), path)).toMatchObject({ verdict: 'unchanged' });
});
