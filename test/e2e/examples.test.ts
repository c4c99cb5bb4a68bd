// The examples as a user has them: recorded live against the provider, and replayed without it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo, recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { sqliteStore } from 'reprise/sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Provider } from '../../docs/examples/provider/server.ts';
import { startProvider } from '../../docs/examples/provider/server.ts';
import { changedDesk } from '../../docs/examples/quickstart/changed-desk.ts';
import { panel } from '../../docs/examples/panel/graph.ts';
import { researchDesk } from '../../docs/examples/research-desk/graph.ts';
import { toolLoop } from '../../docs/examples/tool-loop/graph.ts';
import { webAnswer } from '../../docs/examples/web-answer/graph.ts';
import type { AnyGraph } from '../../src/index.ts';
import { sharedFolder } from '../support/folder.ts';
import '../../src/vitest/index.ts';

/** Secrets of the four kinds that the examples send: a bearer token, a header, a query parameter, a JSON body. */
const secrets = {
  OPENAI_API_KEY: 'bearer-4f9a1c77e2',
  GATEWAY_API_KEY: 'gateway-81bd02aa93',
  PROJECT_API_KEY: 'project-6c55e0d1f4',
  LOOKUP_API_KEY: 'lookup-0be7739a5d',
  ANTHROPIC_API_KEY: 'anthropic-2d1c90ab7e',
};

const examples: readonly { readonly name: string; readonly graph: AnyGraph }[] = [
  { name: 'research-desk', graph: researchDesk },
  { name: 'web-answer', graph: webAnswer },
  { name: 'tool-loop', graph: toolLoop },
  { name: 'panel', graph: panel },
];

let provider: Provider;
const folder = sharedFolder();

beforeAll(async () => {
  provider = await startProvider();
  Object.assign(process.env, provider.environment, secrets);
});

afterAll(async () => {
  await provider.close();
});

function inputOf(name: string): object {
  return JSON.parse(readFileSync(`docs/examples/${name}/input.json`, 'utf8')) as object;
}

function canonicalBlock(path: string): string {
  const text = readFileSync(path, 'utf8');
  return text.slice(0, text.indexOf('{"block":"canonical"'));
}

describe.each(examples)('$name', ({ name, graph }) => {
  it('recorded again on another port has the same canonical block as its fixture', async () => {
    for (const runId of ['once', 'twice', 'thrice']) {
      const { path, run } = await recordRun(graph, inputOf(name), { runId, seed: 's', out: `${folder}/${name}/` });
      expect(run.status).toBe('done');
      expect(canonicalBlock(path)).toBe(canonicalBlock(`fixtures/${name}/${name}-1.run.jsonl`));
    }
  });

  it('holds no secret in any byte of its store or fixture, and still replays', async () => {
    const store = sqliteStore(join(folder, `${name}.db`));
    const engine = createEngine(graph, { store, effects: [httpEffects()] });
    await engine.run(inputOf(name), { runId: 'kept', seed: 's' });
    const path = await exportRunTo(store, 'kept', join(folder, `${name}.run.jsonl`));
    await engine.close();
    for (const file of readdirSync(folder).filter(
      (candidate) => candidate.startsWith(name) && !candidate.endsWith(name),
    )) {
      const bytes = readFileSync(join(folder, file));
      for (const secret of Object.values(secrets)) expect(bytes.includes(secret), `${secret} in ${file}`).toBe(false);
    }
    expect((await replay(graph, path)).report.verdict).toBe('same');
  });

  it('replays its fixture without a call, in both modes', async () => {
    const before = provider.requests.length;
    await expect(graph).toReplay(`fixtures/${name}/${name}-1.run.jsonl`);
    await expect(graph).toReplay(`fixtures/${name}/${name}-1.run.jsonl`, { mode: 'outputs' });
    expect(provider.requests.length).toBe(before);
  });
});

it('names the effect of a planted change, where it shows, and the recorded value', async () => {
  const { report } = await replay(changedDesk, 'fixtures/research-desk/research-desk-1.run.jsonl');
  expect(report.verdict).toBe('diverged');
  expect(report.divergences[0]).toMatchObject({
    kind: 'output',
    at: '2.0#1',
    node: 'research',
    path: 'delta.findings[0].text',
  });
});
