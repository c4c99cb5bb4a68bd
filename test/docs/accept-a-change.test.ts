// docs/guide/accept-a-change.md: its graph is recorded, changed and updated as it says, and prints what it says.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfig } from '../../src/config.ts';
import { changed, makeProject, reprise } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { temporaryFolder } from '../support/folder.ts';

const page = 'docs/guide/accept-a-change.md';
const blocks = codeBlocks(page);
const source = blocks.find(({ file }) => file === 'triage.ts')?.text ?? '';
const [record = '', update = '', live = '', seal = ''] = blocks
  .filter(({ language }) => language === 'sh')
  .map(({ text }) => text.trim());
const printed = blocks.find(({ language }) => language === 'text')?.text ?? '';

/** The words of a command line, without `npx reprise`. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(2);

it('says what the commands do', async () => {
  const folder = temporaryFolder();
  makeProject(folder, { 'triage.ts': source });
  const path = join(folder, 'fixtures/triage/one.run.jsonl');
  expect(await reprise(folder, wordsOf(record))).toMatchObject({ code: 0 });
  const team = changed(source, "'support'", "'engineering'");
  const wider = changed(team, "team: last('none')", "team: last('none'), priority: last('normal')");
  writeFileSync(join(folder, 'triage.ts'), wider);
  expect(await reprise(folder, wordsOf(update))).toMatchObject({ code: 0, out: printed });
  const before = readFileSync(path);
  writeFileSync(join(folder, 'triage.ts'), changed(wider, 'Judge: ', 'Judge kindly: '));
  const refused = await reprise(folder, wordsOf(update));
  expect(refused.code).toBe(1);
  expect(refused.out).toContain('--update --live');
  expect(readFileSync(path)).toEqual(before);
  expect(await reprise(folder, wordsOf(live))).toMatchObject({ code: 0 });
  const text = readFileSync(path, 'utf8');
  expect(text.match(/"source":"[a-z]+"/g)).toEqual(['"source":"record"', '"source":"update"']);
  writeFileSync(path, text.replace('is a bug"', 'is a wish"'));
  expect(await reprise(folder, wordsOf(seal))).toMatchObject({ code: 0 });
  expect(readFileSync(path, 'utf8')).toMatch(/^\{"edited":true/);
});

it('shows a config whose keys there are', () => {
  const config = blocks.find(({ file }) => file === 'reprise.config.ts')?.text ?? '';
  const given = /defineConfig\((\{[\s\S]*\})\);/.exec(config)?.[1] ?? '';
  expect(checkConfig(new Function(`return ${given}`)(), 'reprise.config.ts')).toHaveProperty('known');
});
