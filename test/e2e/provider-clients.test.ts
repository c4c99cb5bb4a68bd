// What providers really sent, read by their official clients, unchanged except for the base URL: in plain and in
// streaming nodes, recorded, replayed chunk for chunk, and replayed with the bodies cut at every byte.
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProvider } from '../../docs/examples/provider/server.ts';
import { append, createEngine, fields, graph, memoryStore, text } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import type { BodyCut } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
let origin = '';
let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider();
  origin = provider.url;
});
afterAll(async () => {
  await provider.close();
});

const apiKey = 'sk-test';
const openai = (): OpenAI => new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
const anthropic = (): Anthropic => new Anthropic({ apiKey, baseURL: origin, maxRetries: 0 });
const google = (): GoogleGenAI => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: origin } });
const user = [{ role: 'user' as const, content: 'Tell me.' }];

async function* chat(model: string): AsyncGenerator<string> {
  for await (const part of await openai().chat.completions.create({ model, messages: user, stream: true })) {
    const delta = part.choices[0]?.delta as
      | { content?: string | null; reasoning?: string; tool_calls?: unknown }
      | undefined;
    yield `${delta?.reasoning ?? ''}${delta?.content ?? ''}${delta?.tool_calls === undefined ? '' : JSON.stringify(delta.tool_calls)}`;
  }
}

/** Each as a user would write it: the client's stream, piece by piece, as text. */
const clients: Readonly<Record<string, () => AsyncGenerator<string>>> = {
  'OpenAI chat completions': () => chat('gpt-4.1-nano'),
  'Groq, 1,100 chunks of reasoning': () => chat('qwen/qwen3-32b'),
  'Groq, a tool call': () => chat('llama-3.3-70b-versatile'),
  'OpenAI responses, with a web search': async function* () {
    const stream = await openai().responses.create({
      model: 'gpt-5-mini',
      input: 'Tell me.',
      tools: [{ type: 'web_search' }],
      stream: true,
    });
    for await (const event of stream)
      yield event.type === 'response.output_text.delta' ? event.delta : `[${event.type}]`;
  },
  'Anthropic messages': async function* () {
    const stream = await anthropic().messages.create({
      model: 'claude',
      max_tokens: 100,
      messages: user,
      stream: true,
    });
    for await (const event of stream)
      yield event.type === 'content_block_delta' && event.delta.type === 'text_delta'
        ? event.delta.text
        : `[${event.type}]`;
  },
  'Google generateContent': async function* () {
    for await (const part of await google().models.generateContentStream({
      model: 'gemini-2.5-flash',
      contents: 'Tell me.',
    }))
      yield part.text ?? '';
  },
};

const state = () => fields({ answer: text(), pieces: append<string>() });

function plainNode(name: string, pieces: () => AsyncGenerator<string>): AnyGraph {
  return graph(name, { state: state() })
    .node('ask', async () => {
      const all: string[] = [];
      for await (const piece of pieces()) all.push(piece);
      return { delta: { answer: all.join(''), pieces: all } };
    })
    .start('ask')
    .build();
}

function streamingNode(name: string, pieces: () => AsyncGenerator<string>): AnyGraph {
  return graph(name, { state: state() })
    .node('ask', async function* () {
      for await (const piece of pieces()) yield { answer: piece, pieces: [piece] };
    })
    .start('ask')
    .build();
}

async function recorded(built: AnyGraph, file: string): Promise<{ readonly path: string; readonly pieces: number }> {
  const store = memoryStore();
  const engine = createEngine(built, { store, effects: [httpEffects()] });
  const run = await engine.run({} as never, { runId: 'run', seed: 's' });
  await engine.close();
  expect(run).toMatchObject({ status: 'done' });
  const path = join(folder, `${file}.run.jsonl`);
  await exportRunTo(store, 'run', path);
  return { path, pieces: (run.state as { readonly pieces: readonly string[] }).pieces.length };
}

const cuts: readonly BodyCut[] = ['recorded', 'bytes', 7];

describe.each(Object.entries(clients))('%s', (name, pieces) => {
  it.each([
    ['plain', plainNode],
    ['streaming', streamingNode],
  ] as const)('as a %s node is recorded and replayed, wherever its bodies are cut', async (form, make) => {
    const built = make('client', pieces);
    const { path, pieces: count } = await recorded(built, `${name} ${form}`.replaceAll(/\W+/g, '-'));
    expect(count).toBeGreaterThan(2);
    if (name.includes('1,100')) expect(count).toBeGreaterThan(1_000);
    for (const cut of cuts) {
      const { report } = await replay(built, path, { cut });
      expect(report, `cut ${cut}`).toMatchObject({ verdict: 'same', networkCalls: 0, divergences: [] });
      expect(report.compared.chunks).toBe(form === 'streaming' ? count : 0);
    }
  });
});

it('a node that decodes each part of a body separately is named when the body is cut elsewhere', async () => {
  const server = await startProvider();
  const wrong = graph('wrong', { state: state() })
    .node('decode', async () => {
      const response = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'gpt-4.1-nano',
          messages: [{ role: 'user', content: 'naïve 🐈' }],
          stream: true,
        }),
      });
      const parts: string[] = [];
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>)
        parts.push(`${new TextDecoder().decode(part)}|`);
      return { delta: { answer: parts.join('') } };
    })
    .start('decode')
    .build();
  const store = memoryStore();
  const engine = createEngine(wrong, { store, effects: [httpEffects()] });
  await engine.run({} as never, { runId: 'run' });
  await engine.close();
  await server.close();
  const path = join(folder, 'wrong.run.jsonl');
  await exportRunTo(store, 'run', path);
  expect((await replay(wrong, path)).report.verdict).toBe('same');
  const { report } = await replay(wrong, path, { cut: 'bytes' });
  expect(report.divergences[0]).toMatchObject({ kind: 'output', node: 'decode', path: 'delta.answer' });
});
