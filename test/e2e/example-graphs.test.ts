// The example graphs, run by the engine, call the local provider through the official clients.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startProvider } from '../../docs/examples/provider/server.ts';
import type { Provider } from '../../docs/examples/provider/server.ts';
import { researchDesk } from '../../docs/examples/research-desk/graph.ts';
import { toolLoop } from '../../docs/examples/tool-loop/graph.ts';
import { webAnswer } from '../../docs/examples/web-answer/graph.ts';
import { createEngine } from 'reprise';
import type { RecordedRequest } from '../../docs/examples/provider/recorded-request.ts';

const secrets = { GATEWAY_API_KEY: 'gateway-key-1', PROJECT_API_KEY: 'project-key-2', LOOKUP_API_KEY: 'lookup-key-3' };

let provider: Provider;
let seen = 0;
beforeAll(async () => {
  provider = await startProvider();
  Object.assign(process.env, provider.environment, secrets);
});
afterAll(() => provider.close());
beforeEach(() => {
  seen = provider.requests.length;
});

const sent = (): readonly RecordedRequest[] => provider.requests.slice(seen);

function inputOf(example: string): { question: string } {
  const path = new URL(`../../docs/examples/${example}/input.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as { question: string };
}

describe('the research desk', () => {
  it('studies in a second round what was missing, and writes what the model streamed', async () => {
    await using engine = createEngine(researchDesk);
    const state = await engine.run(inputOf('research-desk')).orThrow();
    expect(state.findings.map((finding) => finding.topic)).toEqual(['holiday', 'neighbours', 'together', 'spring']);
    expect(state.findings[0]?.text).toMatch(/^holiday: \S.+\S$/);
    expect(state.rounds).toBe(2);
    expect(state.tokens).toBeGreaterThan(316);
    expect(state.answer).toContain('**Holiday Name:** Harmony Day');
  });

  it('sends one request per topic to the source, and one to the model', async () => {
    await using engine = createEngine(researchDesk);
    await engine.run({ question: 'What changed in SQLite 3.50?' }).orThrow();
    const paths = sent().map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith('/lookup'))).toHaveLength(2);
    expect(paths.filter((path) => path.endsWith('/completions'))).toHaveLength(4);
  });

  it('gives the same result at any concurrency', async () => {
    const states = [];
    for (const maxConcurrent of [1, 8]) {
      await using engine = createEngine(researchDesk, { maxConcurrent });
      states.push(await engine.run(inputOf('research-desk')).orThrow());
    }
    expect(states[1]).toEqual(states[0]);
  });

  it('stops after its last round, even if there is more to study', async () => {
    await using engine = createEngine(researchDesk);
    const words = [
      'harvest',
      'ancient',
      'granary',
      'threshing',
      'orchard',
      'sundial',
      'compass',
      'lantern',
      'bonfire',
      'almanac',
    ];
    const state = await engine.run({ question: words.join(' ') }).orThrow();
    expect(state.rounds).toBe(3);
    expect(state.findings.map((finding) => finding.topic)).toEqual(words.slice(0, 9));
    expect(state.answer).toContain('What is known of "harvest ancient');
  });

  it('writes nothing if there is nothing to study', async () => {
    await using engine = createEngine(researchDesk);
    const state = await engine.run({ question: 'Why?' }).orThrow();
    expect(state).toMatchObject({ findings: [], rounds: 0, answer: 'There is nothing to research.' });
  });

  it('sends a credential in a header, in a query and in a body, for a recording to redact', async () => {
    await using engine = createEngine(researchDesk);
    await engine.run(inputOf('research-desk')).orThrow();
    for (const { path, headers, query, body } of sent()) {
      if (path.endsWith('/lookup')) {
        expect(body).toMatchObject({ metadata: { api_key: secrets.LOOKUP_API_KEY } });
      } else {
        expect(headers).toMatchObject({ authorization: 'Bearer loopback', 'x-api-key': secrets.GATEWAY_API_KEY });
        expect(query).toEqual({ api_key: secrets.PROJECT_API_KEY });
      }
    }
  });
});

describe('the web answer', () => {
  it('lists every source once, below the text that cites it', async () => {
    await using engine = createEngine(webAnswer);
    const state = await engine.run(inputOf('web-answer')).orThrow();
    expect(state.draft).toMatch(/^Based on my search results, here are the key tech news/);
    expect(state.sources.length).toBeGreaterThan(3);
    expect(new Set(state.sources.map((source) => source.url)).size).toBe(state.sources.length);
    expect(state.answer.startsWith(state.draft)).toBe(true);
    expect(state.answer).toContain(`1. [${state.sources[0]?.title}](${state.sources[0]?.url})`);
    expect(state.tokens).toBe(795);
  });
});

describe('the tool loop', () => {
  it('answers both tool calls before the model answers', async () => {
    await using engine = createEngine(toolLoop);
    const state = await engine.run(inputOf('tool-loop')).orThrow();
    const kinds = state.items.map((item) => item.type);
    expect(kinds.filter((kind) => kind === 'function_call_output')).toHaveLength(2);
    expect(kinds.at(-1)).toBe('message');
    expect(state.answer).toBe(
      'Inventory is sufficient for `sku_123`: **42 units available** versus **31 units requested**, leaving a **surplus of 11 units**.',
    );
    expect(sent()).toHaveLength(3);
  });
});
