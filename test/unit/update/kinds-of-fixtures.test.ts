// An update of each kind of fixture: it keeps its form, changes what the code changed and nothing else, and replays.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createEngine } from '../../../src/create-engine.ts';
import type { AnyGraph } from '../../../src/graph/built-graph.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { append, last } from '../../../src/graph/field.ts';
import { input } from '../../../src/graph/input.ts';
import { fields } from '../../../src/graph/state.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import type { ExportToOptions } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { formatGraph, formatGraphWith } from '../../golden/fixture/format-graph.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** A subgraph for each page, beside a node that streams; `end` is what a change is about. */
const digest = (end: string, place: 'inner' | 'stream'): AnyGraph => {
  const inner = graph('summary', { state: fields({ text: last<string>(), short: last('') }) })
    .node('read', async ({ text }, { effect }) => ({
      delta: { short: await effect('model', { text }, () => `a ${text}`) },
    }))
    .node('cut', ({ short }) => ({ delta: { short: place === 'inner' ? short + end : short } }))
    .edge('read', 'cut')
    .start('read')
    .build();
  return graph('digest', {
    state: fields({ mail: last(''), lines: append<string>(), said: append<string>() }),
    inputs: { summarize: input<string>(), tell: input<string>() },
  })
    .node('split', (_state, { send }) => ({
      route: [send('summarize', 'one'), send('summarize', 'two'), send('tell', 'now')],
    }))
    .subgraph('summarize', inner, {
      input: (_state, { input: text }) => ({ text }),
      output: ({ short }) => ({ lines: [short] }),
    })
    .node('tell', async function* ({ mail }, { effect, input: last }) {
      for (const word of ['to', mail, last]) yield { said: [await effect('word', { word }, () => word)] };
      if (place === 'stream') yield { said: [end] };
      return { delta: {} };
    })
    .node('end', () => ({ delta: {} }))
    .edge('summarize', 'end')
    .start('split')
    .build() as unknown as AnyGraph;
};

interface Kind {
  readonly name: string;
  readonly file: string;
  readonly place: 'inner' | 'stream';
  readonly options?: ExportToOptions;
}

const kinds: readonly Kind[] = [
  { name: 'plain, changed in a subgraph', file: 'one.run.jsonl', place: 'inner' },
  { name: 'plain, changed in a stream', file: 'one.run.jsonl', place: 'stream' },
  { name: 'compressed', file: 'one.run.jsonl.zst', place: 'inner' },
  { name: 'without what was observed', file: 'one.run.jsonl', place: 'stream', options: { observed: false } },
  { name: 'redacted', file: 'one.run.jsonl', place: 'stream', options: { redact: { values: ['email'] } } },
  { name: 'redacted, by path', file: 'one.run.jsonl', place: 'inner', options: { redact: { paths: ['state.mail'] } } },
];

const mail = 'ada@example.org';

it.each(kinds)('$name', async ({ file, place, options = {} }) => {
  const store = memoryStore();
  await using engine = createEngine(digest('.', place), { store });
  await engine.run({ mail } as never, { runId: 'one', seed: 'seed' });
  const path = await exportRunTo(store, 'one', join(temporaryFolder(), file), options);
  const before = linesOf(path);
  const rules = options.redact === undefined ? {} : { redact: options.redact };
  const today = digest('!', place);
  expect((await replay(today, path, rules)).report.verdict).toBe('diverged');
  const updated = await updateFixture(today, path, rules);
  expect({ verdict: updated.verdict, causes: causesOf(updated) }).toEqual({
    verdict: 'updated',
    causes: place === 'inner' ? ['output 2.0#1/2.0#1', 'output 2.1#1/2.0#1'] : ['chunk 2.2#1', 'output 2.2#1'],
  });
  const after = linesOf(path);
  expect(after).toHaveLength(before.length);
  // Nothing else than lines of what the change is about, or follows from it.
  const changed = after.filter((line, index) => line !== before[index]).map((line) => JSON.parse(line) as Line);
  for (const { at = '2', kind, block } of changed) {
    if (block !== undefined) continue;
    expect(at).toMatch(place === 'inner' ? /^2(\.[01]#1(\/2(\.0#1)?)?)?$/ : /^2(\.2#1)?$/);
    expect(['outcome', 'commit', 'chunk']).toContain(kind);
  }
  expect(after[0]).toBe(before[0]);
  expect(after.join('\n').includes(mail)).toBe(options.redact === undefined);
  const { report } = await replay(today, path, rules);
  expect(report.divergences).toEqual([]);
  expect(await updateFixture(today, path, rules)).toMatchObject({ verdict: 'unchanged' });
});

it.each(['v1', 'v2'])('of format %s', async (version) => {
  const path = join(temporaryFolder(), 'format.run.jsonl');
  copyFileSync(`fixtures/format/${version}.run.jsonl`, path);
  const header = linesOf(path)[0];
  const today = formatGraphWith(', all told');
  expect(await updateFixture(formatGraph, path)).toMatchObject({ verdict: 'unchanged' });
  const updated = await updateFixture(today, path);
  expect({ verdict: updated.verdict, causes: causesOf(updated) }).toEqual({
    verdict: 'updated',
    causes: [expect.stringMatching(/^output .*#1$/)],
  });
  const { report } = await replay(today, path);
  expect(report.divergences).toEqual([]);
  expect(await updateFixture(today, path)).toMatchObject({ verdict: 'unchanged' });
  expect(semanticsOf(linesOf(path)[0])).toBe(semanticsOf(header));
});

interface Line {
  readonly at?: string;
  readonly kind?: string;
  readonly block?: string;
}

function linesOf(path: string): readonly string[] {
  const bytes = readFileSync(path);
  return (path.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString('utf8').split('\n');
}

function causesOf({ changes }: Awaited<ReturnType<typeof updateFixture>>): readonly string[] {
  return changes.filter(({ follows }) => follows !== true).map(({ kind, at }) => `${kind} ${at}`);
}

function semanticsOf(header = ''): unknown {
  return (JSON.parse(header) as { readonly semantics?: unknown }).semantics;
}
