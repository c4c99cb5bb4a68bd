// A run that was not recorded whole says so: in its fixture's header, to those who export it, and to those who read it.
import { memoryStore } from 'reprise';
import { exportRun, saveRun } from 'reprise/record';
import { readFixture } from 'reprise/replay';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Entry, NoteEntry, RunEntry } from '../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../src/journal/key.ts';
import { openFixture } from '../../../src/store/fixture/open-fixture.ts';
import { fileOf, sealed } from '../../support/fixture-file.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected, smallJournal } from '../../support/journals.ts';

function note(message: string, fields: Partial<NoteEntry> = {}): NoteEntry {
  return {
    kind: 'note',
    at: '1.0#1' as AttemptKey,
    node: 'ask',
    what: 'unrecorded',
    message,
    mayNotReplay: true,
    observed: { time: 1_150, count: 2 },
    ...fields,
  };
}

const { mayNotReplay: _mayNotReplay, ...leftOpen } = note('left open');

async function storeWith(notes: readonly NoteEntry[]) {
  const [run, first, ...rest] = smallJournal();
  const store = memoryStore();
  const lease = await store.create(run as RunEntry, [first as Entry]);
  await store.append(lease, [...notes, ...rest]);
  return store;
}

const save = async (notes: readonly NoteEntry[], observed = true) =>
  saveRun(await storeWith(notes), 'run-1', join(temporaryFolder(), 'a.run.jsonl'), { observed });

function headerOf(path: string): { readonly mayNotReplay?: unknown } {
  return JSON.parse(readFileSync(path, 'utf8').split('\n', 1)[0] as string);
}

describe.each([true, false])('a fixture, with its observed block: %s', (observed) => {
  it('says in its header why it may not replay, each reason once and in order', async () => {
    const notes = [note('a socket'), note('a datagram'), note('a socket', { at: '1.1#1' as AttemptKey })];
    const { path, mayNotReplay } = await save([...notes, leftOpen], observed);
    expect(mayNotReplay).toEqual(['"ask": a datagram', '"ask": a socket']);
    expect(headerOf(path).mayNotReplay).toEqual(mayNotReplay);
    expect((await readFixture(path)).notes).toEqual(mayNotReplay);
    using fixture = await openFixture(path);
    expect(fixture.mayNotReplay).toEqual(mayNotReplay);
  });

  it('says nothing where nothing is to be said', async () => {
    const { path, mayNotReplay } = await save([leftOpen], observed);
    expect(mayNotReplay).toEqual([]);
    expect(headerOf(path)).not.toHaveProperty('mayNotReplay');
    expect((await readFixture(path)).notes).toEqual([]);
  });
});

it('is the same header, however often and in whatever order things happened', async () => {
  const one = await save([note('a'), note('b')], false);
  const other = await save([note('b', { observed: { time: 1, count: 9 } }), note('a'), note('a')], false);
  expect(readFileSync(one.path, 'utf8')).toBe(readFileSync(other.path, 'utf8'));
});

it('gives reasons that are short, of one line and without credentials', async () => {
  const secret = 'sk-live-4eC39HqLyjWDarjtT1zdp7dc';
  const { path, mayNotReplay } = await save([
    note(`a request with api_key=${secret}`),
    note(`\u001b[2J${'x'.repeat(10_000)}`),
    ...Array.from({ length: 100 }, (_unused, index) => note(`socket ${index}`)),
  ]);
  expect(readFileSync(path, 'utf8')).not.toContain(secret);
  expect(mayNotReplay).toHaveLength(21);
  expect(Math.max(...mayNotReplay.map(({ length }) => length))).toBeLessThanOrEqual(300);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character may be in it
  expect(mayNotReplay.join('')).not.toMatch(/[\u0000-\u001f]/);
});

it('is streamed with the same header', async () => {
  const bytes = Buffer.concat(await collected(exportRun(await storeWith([note('a socket')]), 'run-1')));
  expect(headerOf(fileOf(bytes)).mayNotReplay).toEqual(['"ask": a socket']);
});

it.each(['"text"', '[1]', '{}', 'null'])('is damaged where the header holds %s instead', async (wrong) => {
  const { path } = await save([], false);
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, -1);
  const changed = header.replace(/^\{/, `{"mayNotReplay":${wrong},`);
  await expect(openFixture(fileOf(sealed([changed, ...lines])))).rejects.toMatchObject({ code: 'fixture-damaged' });
});
