import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RepriseError } from '../../../src/base/error.ts';
import { openFixture } from '../../../src/store/fixture/open-fixture.ts';
import { sealFixture } from '../../../src/update/seal-fixture.ts';
import { changed } from '../../support/cli.ts';
import { entriesOf, fileOf, fixtureBytes } from '../../support/fixture-file.ts';
import { smallJournal } from '../../support/journals.ts';

async function edited(from: string, to: string): Promise<string> {
  const path = fileOf(await fixtureBytes(smallJournal()));
  writeFileSync(path, changed(readFileSync(path, 'utf8'), from, to));
  return path;
}

it('renews the digests after an edit, and marks the file', async () => {
  const path = await edited('"value":"sunny"', '"value":"a storm"');
  await expect(openFixture(path)).rejects.toMatchObject({ code: 'fixture-damaged' });
  const before = readFileSync(path, 'utf8').split('\n');
  expect(await sealFixture(path)).toBe('sealed');
  const after = readFileSync(path, 'utf8').split('\n');
  const others = after.flatMap((line, place) => (line === before[place] ? [] : [line.slice(0, 20)]));
  expect(others).toEqual(['{"edited":true,"fing', '{"block":"canonical"', '{"block":"observed",']);
  using fixture = await openFixture(path);
  expect(fixture.isEdited).toBe(true);
  expect(await entriesOf(path)).toContainEqual(
    expect.objectContaining({ outcome: { kind: 'value', value: 'a storm' } }),
  );
  expect(await sealFixture(path)).toBe('unchanged');
});

it('counts lines that were taken out', async () => {
  const event = '{"at":"1.0#1","data":{"percent":50},"kind":"event","name":"progress","ordinal":0,"stream":""}\n';
  const path = await edited(event, '');
  expect(await sealFixture(path)).toBe('sealed');
  expect((await entriesOf(path)).map(({ kind }) => kind)).not.toContain('event');
});

it('leaves a file alone that is no fixture any more, and says where', async () => {
  const path = await edited('"status":"done"},"kind":"end"', '"status":"gone"},"kind":"end"');
  const before = readFileSync(path);
  const thrown = await sealFixture(path).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(RepriseError);
  expect(thrown).toMatchObject({ code: 'fixture-damaged', message: expect.stringContaining(path) });
  expect(readFileSync(path)).toEqual(before);
});
