// Observability as a user has it: the research desk against its provider, with all observers at once; and the guide,
// block by block.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { createEngine, memoryStore } from 'reprise';
import type { RunObserver, RunStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { jsonLog, usageSummary } from 'reprise/observe';
import { openTelemetry } from 'reprise/opentelemetry';
import { prometheus } from 'reprise/prometheus';
import { exportRunTo } from 'reprise/record';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProvider } from '../../docs/examples/provider/server.ts';
import type { Provider } from '../../docs/examples/provider/server.ts';
import { researchDesk } from '../../docs/examples/research-desk/graph.ts';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { allSpans, memoryTracing, spanTrees, treeText } from '../support/span-tree.ts';
import type { SpanNode } from '../support/span-tree.ts';
import { makeUserProject } from '../support/user-project.ts';

const secrets = {
  OPENAI_API_KEY: 'bearer-4f9a1c77e2',
  GATEWAY_API_KEY: 'gateway-81bd02aa93',
  PROJECT_API_KEY: 'project-6c55e0d1f4',
  LOOKUP_API_KEY: 'lookup-0be7739a5d',
};
const guide = codeBlocks('docs/guide/observability.md');

let provider: Provider;
const folder = sharedFolder();
let store: RunStore;
let spans: readonly SpanNode[];
let trees: readonly SpanNode[];
let metrics: string;
let log = '';
const observerPath = '/seen-by-an-observer';

beforeAll(async () => {
  provider = await startProvider();
  Object.assign(process.env, provider.environment, secrets);
  const { exporter, tracerProvider } = memoryTracing();
  const register = new Registry();
  const sending: RunObserver = {
    async observe() {
      await fetch(`${provider.url}${observerPath}`, { method: 'POST', body: '{}' });
    },
  };
  store = memoryStore();
  const engine = createEngine(researchDesk, {
    store,
    effects: [httpEffects()],
    observers: [openTelemetry({ tracerProvider }), prometheus({ register }), jsonLog((line) => (log += line)), sending],
  });
  const input = JSON.parse(readFileSync('docs/examples/research-desk/input.json', 'utf8')) as { question: string };
  const run = await engine.run(input, { runId: 'desk-1', seed: 's' });
  expect(run.status).toBe('done');
  await engine.close();
  trees = spanTrees(exporter.getFinishedSpans());
  spans = allSpans(trees);
  metrics = await register.metrics();
});

afterAll(async () => {
  await provider.close();
});

describe('the research desk, observed', () => {
  it('has the trace that the guide shows', () => {
    const shown = guide.find(({ language, text }) => language === 'text' && text.startsWith('run research-desk'));
    expect(treeText(trees, says)).toBe(shown?.text);
  });

  it('has the attributes that the guide names', () => {
    const page = readFileSync('docs/guide/observability.md', 'utf8');
    const used = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
    for (const name of used)
      if (name !== 'gen_ai.usage.cache_read.input_tokens') expect(page, name).toContain(`\`${name}\``);
    const [chat] = spans.filter(({ name }) => name === 'chat gpt-4.1-mini');
    expect(chat?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4.1-mini',
      'gen_ai.response.model': 'gpt-4.1-mini',
      'gen_ai.usage.input_tokens': 16,
      'gen_ai.usage.output_tokens': 5,
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'url.path': '/v1/chat/completions',
    });
  });

  it('has the times of its journal, each span within its parent', async () => {
    const [run] = trees;
    const times: number[] = [];
    const effects: (readonly [number, number])[] = [];
    for await (const entry of store.read('desk-1')) {
      if (entry.kind === 'run' || entry.kind === 'end') times.push(entry.observed.time);
      if (entry.kind === 'effect') effects.push([entry.observed.began, entry.observed.ended]);
    }
    expect([run?.began, run?.ended]).toEqual(times);
    const ofEffects = spans.filter(({ attributes }) => 'reprise.effect.type' in attributes);
    const byTime = (left: readonly [number, number], right: readonly [number, number]): number =>
      left[0] - right[0] || left[1] - right[1];
    expect(ofEffects.map(({ began, ended }) => [began, ended] as const).sort(byTime)).toEqual(effects.sort(byTime));
    for (const span of spans) {
      for (const child of span.children) {
        expect(child.began).toBeGreaterThanOrEqual(span.began);
        expect(child.ended).toBeLessThanOrEqual(span.ended);
      }
    }
  });

  it('is the same run as without observers, and does not record what observers send', async () => {
    expect(provider.requests.filter(({ path }) => path === observerPath).length).toBeGreaterThan(0);
    const path = await exportRunTo(store, 'desk-1', join(folder, 'desk-1.run.jsonl'));
    expect(canonicalBlock(path)).toBe(canonicalBlock('fixtures/research-desk/research-desk-1.run.jsonl'));
    expect(readFileSync(path, 'utf8')).not.toContain(observerPath);
  });

  it('costs what its tokens cost', async () => {
    const prices = {
      'gpt-4.1-mini': { input: 0.4, output: 1.6 },
      'gpt-4.1-nano-2025-04-14': { input: 0.1, output: 0.4 },
    };
    const summary = await usageSummary(store.read('desk-1'), { prices });
    expect(summary).toMatchObject({ calls: 8, inputTokens: 128, outputTokens: 379, unpriced: [], unmeasured: 0 });
    expect(summary.usd).toBeCloseTo(0.0002928, 9);
    expect(metrics).toContain('reprise_model_tokens_total{model="gpt-4.1-mini",direction="input"} 112');
    expect(metrics).toContain('reprise_tasks_total{graph="research-desk",node="research",status="done"} 4');
  });

  it('reveals no secret and no body', () => {
    const told = [log, metrics, JSON.stringify(spans.map(({ span }) => [span.name, span.attributes, span.events]))];
    for (const text of told) {
      for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
      expect(text).not.toContain('holiday');
      expect(text).not.toContain('Harmony Day');
    }
    expect(
      log
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { what: string }).what),
    ).toEqual(['run-began', 'run-ended']);
  });
});

describe('docs/guide/observability.md', () => {
  const programs = guide.filter(({ language }) => language === 'ts');

  beforeAll(() =>
    makeUserProject(folder, ['@opentelemetry', 'prom-client', 'better-sqlite3', 'bindings', 'file-uri-to-path']),
  );

  it('names the file of each program', () => {
    expect(programs.map(({ file }) => file)).toEqual([
      'log.ts',
      'trace.ts',
      'metrics.ts',
      'cost.ts',
      'follow.ts',
      'observer.ts',
    ]);
  });

  it.each(programs)('$file prints what the guide shows', async ({ file = '', text }) => {
    writeFileSync(join(folder, file), text);
    const printed = [...text.matchAll(/^\/\/ (?!\S+\.ts$)(?!US dollars)(.*)$/gm)].map(([, line]) => line);
    const ended = await processOf(process.execPath, ['--no-warnings', file], folder);
    expect(ended).toMatchObject({ code: 0, out: `${printed.join('\n')}\n` });
  });

  it('names every metric, and no other', async () => {
    const register = new Registry();
    prometheus({ register });
    const page = readFileSync('docs/guide/observability.md', 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `reprise_'));
    const named = rows.flatMap((row) => [...row.matchAll(/`(reprise_\w+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual(
      register
        .getMetricsAsArray()
        .map(({ name }) => name)
        .sort(),
    );
  });
});

/** The status code and, for a model call, which model answered and how many tokens it used. */
function says({ attributes }: SpanNode): string {
  const status = attributes['http.response.status_code'];
  if (status === undefined) return '';
  const provider = attributes['gen_ai.provider.name'];
  const { 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output } = attributes;
  const model = attributes['gen_ai.response.model'];
  return provider === undefined ? ` [${status}]` : ` [${status}, ${provider}, ${model}, ${input} in, ${output} out]`;
}

function canonicalBlock(path: string): string {
  const text = readFileSync(path, 'utf8');
  return text.slice(0, text.indexOf('{"block":"canonical"'));
}
