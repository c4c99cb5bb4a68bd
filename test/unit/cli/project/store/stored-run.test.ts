import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSource, summaryOf } from '../../../../../cli/project/store/stored-run.ts';
import { createEngine, fields, graph } from '../../../../../src/index.ts';
import { sqliteStore } from '../../../../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../../../../support/folder.ts';

const desk = graph('desk', { state: fields({}) })
  .node('a', () => ({}))
  .start('a')
  .build();

/** A store in a folder whose name has a space, with one run. */
async function storeWith(runId: string): Promise<string> {
  const path = join(temporaryFolder({ 'my runs/notes': '' }), 'my runs/runs.db');
  const engine = createEngine(desk, { store: sqliteStore(path) });
  await engine.run({}, { runId });
  await engine.close();
  return path;
}

describe('a name of a run', () => {
  it.each([
    ['desk-1.run.jsonl', 'fixture'],
    ['missing.run.jsonl.zst', 'fixture'],
    ['packed', 'fixture'],
    ['desk-1', 'stored'],
    ['folder', 'stored'],
    ['folder/packed', 'stored'],
    ['jsonl', 'stored'],
  ])('%s is that of a %s run', async (name, kind) => {
    const store = await storeWith('desk-1');
    const folder = temporaryFolder({ packed: '', 'desk-1.run.jsonl': '', 'folder/file': '' });
    const source = runSource(name, join(folder, name), store);
    if (source.kind === 'stored') await source.store.close();
    expect(source).toMatchObject(
      kind === 'fixture' ? { kind, path: join(folder, name) } : { kind: 'stored', runId: name },
    );
  });
});

describe('a stored run', () => {
  it('is looked up by its ID', async () => {
    expect(await summaryOf(await storeWith('desk-1'), 'desk-1')).toMatchObject({ runId: 'desk-1', graph: 'desk' });
  });

  it('that is unknown is reported with a command that can be pasted', async () => {
    const store = await storeWith('desk-1');
    await expect(summaryOf(store, 'desk-2')).rejects.toMatchObject({
      code: 'run-unknown',
      message: `there is no run "desk-2" in ${store}`,
      nextStep: `List its runs: npx reprise list --store '${store}'`,
      fields: { runId: 'desk-2' },
    });
  });

  it('is not looked up in a store that does not exist, which is not created', async () => {
    const store = join(temporaryFolder(), 'runs.db');
    await expect(summaryOf(store, 'desk-1')).rejects.toMatchObject({ code: 'store-unreadable' });
    expect(existsSync(store)).toBe(false);
  });
});
