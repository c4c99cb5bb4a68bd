// The examples of the documentation, with a model called over HTTP: resuming one of them after any entry arrives at the
// same journal, and requests nothing that was answered.
import { readFileSync } from 'node:fs';
import { createEngine } from 'reprise';
import type { AnyGraph } from 'reprise';
import { httpEffects } from 'reprise/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Provider } from '../../../docs/examples/provider/server.ts';
import { startProvider } from '../../../docs/examples/provider/server.ts';
import { researchDesk } from '../../../docs/examples/research-desk/graph.ts';
import { toolLoop } from '../../../docs/examples/tool-loop/graph.ts';
import { webAnswer } from '../../../docs/examples/web-answer/graph.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { collected } from '../../support/journals.ts';
import { asDurable, canonicalLines, storeWith } from './prefix-run.ts';

const runId = 'run';
let provider: Provider;
const before = { ...process.env };

beforeAll(async () => {
  provider = await startProvider();
  Object.assign(process.env, provider.environment, { OPENAI_API_KEY: 'none', ANTHROPIC_API_KEY: 'none' });
});

afterAll(async () => {
  await provider.close();
  process.env = before;
});

function requestCount(entries: readonly Entry[]): number {
  return entries.filter((entry) => entry.kind === 'effect' && entry.type === 'http').length;
}

it.each([
  ['research-desk', researchDesk],
  ['web-answer', webAnswer],
  ['tool-loop', toolLoop],
] as readonly (readonly [string, AnyGraph])[])('%s', { timeout: 120_000 }, async (name, graph) => {
  const input: unknown = JSON.parse(readFileSync(`docs/examples/${name}/input.json`, 'utf8'));
  const store = asDurable(memoryStore());
  const first = createEngine(graph, { store, effects: [httpEffects()] });
  expect((await first.run(input, { runId, seed: 'seed' })).status).toBe('done');
  await first.close();
  const whole = await collected(store.read(runId));
  const wanted = canonicalLines(whole);
  const requests = requestCount(whole);
  expect(requests).toBeGreaterThan(0);
  for (let cut = 2; cut < whole.length; cut += 1) {
    const prefix = whole.slice(0, cut);
    const left = await storeWith(prefix);
    const asked = provider.requests.length;
    const engine = createEngine(graph, { store: left, effects: [httpEffects()] });
    expect((await engine.resume(runId)).status, `behind ${cut}`).toBe('done');
    await engine.close();
    expect(provider.requests.length - asked, `requests behind ${cut}`).toBe(requests - requestCount(prefix));
    expect(canonicalLines(await collected(left.read(runId))), `behind ${cut}`).toEqual(wanted);
  }
});
