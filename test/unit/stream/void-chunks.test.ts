// A run whose node was entered again after a crash and yielded something else, far behind where its readers were.
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore, text } from '../../../src/index.ts';
import { canonicalList, canonicalRecord } from '../../../src/base/value.ts';
import type { ChunkEntry } from '../../../src/journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../../src/journal/key.ts';

const at = attemptKey(taskKey(stepKey('', 1), 0), 1);
const writer = graph('writer', { state: fields({ answer: text() }) })
  .node('write', () => undefined)
  .start('write')
  .build();

function group(ordinal: number, words: readonly string[]): ChunkEntry {
  const deltas = canonicalList(words.map((word) => canonicalRecord([['answer', word]])));
  return { kind: 'chunk', at, node: 'write', ordinal, deltas, observed: { times: words.map(() => 0) } };
}

const wordsFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_unused, index) => `${first + index},`);

describe.each(['arrival', 'canonical'] as const)('in %s order', (order) => {
  it('a reader is told which chunks are void, and what the others come to', async () => {
    const store = memoryStore();
    await using other = createEngine(writer, { store });
    await other.run({ answer: '' }, { runId: 'template' });
    const entries = [];
    for await (const entry of store.read('template')) entries.push(entry);
    const [run, ...rest] = entries;
    if (run?.kind !== 'run') throw new Error('a run begins with its own entry');
    const [first, ...others] = rest;
    if (first === undefined) throw new Error('the input is committed');
    const lease = await store.create({ ...run, observed: { ...run.observed, runId: 'run' } }, [first]);
    await store.append(lease, [
      ...Array.from({ length: 10 }, (_unused, index) => group(index * 64, wordsFrom(index * 64, 64))),
      group(100, ['changed,']),
      ...others,
    ]);
    await using engine = createEngine(writer, { store });
    const resets: number[] = [];
    let last = '';
    for await (const item of engine.read('run', { order })) {
      if (item.kind === 'reset') resets.push(item.from);
      if (item.kind === 'chunk') last = item.delta.answer ?? '';
    }
    expect(resets).toEqual([100]);
    expect(last).toBe(`${wordsFrom(0, 100).join('')}changed,`);
  });
});
