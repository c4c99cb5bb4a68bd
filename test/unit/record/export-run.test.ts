import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalEntries } from '../../../src/journal/run/canonical.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { exportRun, exportRunTo, safeName } from '../../../src/record/export-run.ts';
import { openFixture } from '../../../src/store/fixture/open-fixture.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected, graphOf, runEntry, smallJournal } from '../../support/journals.ts';

async function storeWith(entries: readonly Entry[]): Promise<RunStore> {
  const store = memoryStore();
  const [run, ...rest] = entries;
  if (run?.kind !== 'run') throw new Error('a journal begins with its run');
  await store.append(await store.create(run), rest);
  return store;
}

async function entriesIn(path: string): Promise<readonly Entry[]> {
  using fixture = await openFixture(path);
  return [...fixture.steps()].flatMap(({ entries }) => entries);
}

describe('exportRun', () => {
  it('refuses an unknown run before any bytes', async () => {
    await expect(collected(exportRun(memoryStore(), 'nobody'))).rejects.toMatchObject({ code: 'run-unknown' });
  });

  it.each([{ observe: false }, { observed: 'no' }, null])('refuses the options %j', async (options) => {
    const store = await storeWith(smallJournal());
    const given = options as { readonly observed?: boolean };
    const out = join(temporaryFolder(), 'a.run.jsonl');
    expect(() => exportRun(store, 'run-1', given)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    await expect(exportRunTo(store, 'run-1', out, given)).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('leaves out the observed block when asked to', async () => {
    const store = await storeWith(smallJournal());
    const text = Buffer.concat(await collected(exportRun(store, 'run-1', { observed: false }))).toString();
    expect(text).toContain('{"block":"canonical"');
    expect(text).not.toContain('{"block":"observed"');
    expect(text).not.toContain('run-1');
  });

  it('exports a run that has not ended up to its last commit', async () => {
    const journal = smallJournal();
    const store = await storeWith(journal.slice(0, -2));
    const out = join(temporaryFolder(), 'open.run.jsonl');
    await exportRunTo(store, 'run-1', out);
    expect((await entriesIn(out)).map(({ kind, at }) => `${kind} ${at}`)).toEqual(['run ', 'commit 0']);
  });

  it('refuses a run without a commit: there is nothing to replay', async () => {
    const store = await storeWith(smallJournal().slice(0, 1));
    await expect(collected(exportRun(store, 'run-1'))).rejects.toMatchObject({ code: 'run-unknown' });
  });

  it('shows one moment of a run that continues while it is exported', async () => {
    const journal = smallJournal();
    const store = memoryStore();
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, journal.slice(1, 2));
    const chunks: Uint8Array[] = [];
    for await (const chunk of exportRun(store, 'run-1')) {
      if (chunks.length === 0) await store.append(lease, journal.slice(2));
      chunks.push(chunk);
    }
    const out = join(temporaryFolder(), 'moment.run.jsonl');
    writeFileSync(out, Buffer.concat(chunks));
    expect((await entriesIn(out)).map(({ kind }) => kind)).toEqual(['run', 'commit']);
    expect(Buffer.concat(chunks).toString()).not.toContain('1.0#1');
  });
});

describe('exportRunTo', () => {
  it('names the file after graph and run where `out` ends in a slash or is a folder', async () => {
    const folder = temporaryFolder();
    const store = await storeWith(smallJournal());
    const first = await exportRunTo(store, 'run-1', `${folder}/new/`);
    expect(first).toBe(join(folder, 'new', 'desk', 'run-1.run.jsonl'));
    expect(await exportRunTo(store, 'run-1', folder)).toBe(join(folder, 'desk', 'run-1.run.jsonl'));
    expect((await entriesIn(first)).map(({ kind }) => kind)).toEqual(
      canonicalEntries(smallJournal()).map(({ kind }) => kind),
    );
  });

  it('replaces a file only when forced to', async () => {
    const out = join(temporaryFolder(), 'deep', 'er', 'a.run.jsonl');
    const store = await storeWith(smallJournal());
    expect(await exportRunTo(store, 'run-1', out)).toBe(out);
    const before = readFileSync(out);
    await expect(exportRunTo(store, 'run-1', out)).rejects.toMatchObject({ code: 'file-exists' });
    await exportRunTo(store, 'run-1', out, { force: true });
    expect(readFileSync(out)).toEqual(before);
  });

  it('keeps what stood there, and leaves nothing behind, when the run cannot be read', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'a.run.jsonl');
    writeFileSync(out, 'before');
    const store = await storeWith(smallJournal());
    const failing: RunStore = Object.create(store, {
      read: {
        value: async function* () {
          yield runEntry('run-1');
          throw new Error('the disk is gone');
        },
      },
      find: { value: (runId: string) => store.find(runId) },
    });
    await expect(exportRunTo(failing, 'run-1', out, { force: true })).rejects.toThrow('the disk is gone');
    expect(readFileSync(out, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['a.run.jsonl']);
  });

  it('compresses by the name of the file', async () => {
    const out = join(temporaryFolder(), 'a.run.jsonl.zst');
    await exportRunTo(await storeWith(smallJournal()), 'run-1', out);
    expect(readFileSync(out).subarray(0, 4)).toEqual(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
    expect((await entriesIn(out)).at(-1)?.kind).toBe('end');
  });

  it('says so where the place is a folder or lies below a file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken.run.jsonl'));
    writeFileSync(join(folder, 'file'), '');
    const store = await storeWith(smallJournal());
    await expect(exportRunTo(store, 'run-1', join(folder, 'file', 'a.run.jsonl'))).rejects.toMatchObject({
      code: 'fixture-unwritable',
    });
    await expect(exportRunTo(store, 'run-1', join(folder, 'taken.run.jsonl'))).resolves.toContain(
      'taken.run.jsonl/desk',
    );
  });
});

describe('safeName', () => {
  it('keeps names that every file system takes', () => {
    expect(safeName('desk-1.b_C')).toBe('desk-1.b_C');
  });

  it('gives different ids different names, none of which leaves the folder', () => {
    const ids = [
      '..',
      '.',
      '',
      '../a',
      'a/b',
      'a:b',
      'a b',
      'ä',
      'a\u0000',
      '\ud800',
      'x'.repeat(500),
      `${'x'.repeat(500)}y`,
      '.hidden',
      'ends.',
      'ends..',
      'con',
      'CON',
      'nul.txt',
      'com1.a.b',
    ];
    const names = ids.map(safeName);
    expect(new Set(names).size).toBe(ids.length);
    for (const name of names) {
      expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,120}$/);
      // What Windows takes for a device, and an end that it drops.
      expect(name).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|\.$/i);
    }
    expect(['console', 'nullable.b', 'a.con'].map(safeName)).toEqual(['console', 'nullable.b', 'a.con']);
  });

  it('puts the graph of a run in a folder of its own', async () => {
    const folder = temporaryFolder();
    const store = await storeWith(smallJournal('r', graphOf('a graph / with'))).catch(() => undefined);
    expect(await exportRunTo(store as RunStore, 'r', folder)).toMatch(/a-graph-with-[0-9a-f]{8}[/\\]r\.run\.jsonl$/);
  });
});
