import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { RunStore } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

async function stored(): Promise<RunStore> {
  const desk = graph('desk', { state: fields({ text: last('') }) })
    .node('write', () => ({ delta: { text: 'written' } }))
    .start('write')
    .build();
  const store = memoryStore();
  await createEngine(desk, { store }).run({}, { runId: 'one' });
  return store;
}

it.each([
  ['one.run.jsonl', 'one.run.jsonl'],
  ['one.jsonl', 'one.jsonl'],
  ['one.run.jsonl.zst', 'one.run.jsonl.zst'],
  ['fixtures', 'fixtures/desk/one.run.jsonl'],
  ['fixtures/', 'fixtures/desk/one.run.jsonl'],
  ['of.v2/fixtures.d', 'of.v2/fixtures.d/desk/one.run.jsonl'],
  ['there', 'there/desk/one.run.jsonl'],
  ['there.jsonl', 'there.jsonl/desk/one.run.jsonl'],
])('a run that is saved to %s is in %s', async (out, path) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'there'));
  mkdirSync(join(folder, 'there.jsonl'));
  expect(await exportRunTo(await stored(), 'one', `${folder}/${out}`)).toBe(join(folder, path));
});

it('takes no file for a folder, whatever its name', async () => {
  const path = join(temporaryFolder(), 'run');
  writeFileSync(path, '');
  await expect(exportRunTo(await stored(), 'one', path)).rejects.toMatchObject({ code: 'file-exists' });
  expect(await exportRunTo(await stored(), 'one', path, { force: true })).toBe(path);
});
