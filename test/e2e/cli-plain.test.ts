// Runs as git shows them in its diffs.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { sealFixture } from '../../src/update/index.ts';
import { root } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { temporaryFolder } from '../support/folder.ts';

const refund = 'fixtures/approval/refund-1.run.jsonl';

it('are lines of what is compared, and a file that is none stays as it is', async () => {
  const folder = temporaryFolder();
  copyFileSync(refund, join(folder, 'a.run.jsonl'));
  const { out, code } = await commandHere(folder, ['show', 'a.run.jsonl', '--plain']);
  expect(code).toBe(0);
  expect(out).toContain(`effect 1.0#1:call:"draft refund"
  name: "draft refund"
  occurrence: 0
  outcome:
    kind: "value"
    value:
      amount: 44
`);
  expect(out).not.toContain('began');
  const halfMerged = readFileSync(refund, 'utf8').replace('\n', '\n<<<<<<< HEAD\n');
  writeFileSync(join(folder, 'b.run.jsonl'), halfMerged);
  expect(await commandHere(folder, ['show', 'b.run.jsonl', '--plain'])).toEqual({
    ...{ code: 0, out: halfMerged },
    talk: expect.stringMatching(/^reprise: .*b\.run\.jsonl.*; it is shown as it is\n$/),
  });
  expect(await commandHere(folder, ['show', 'c.run.jsonl', '--plain'])).toMatchObject({ code: 2 });
});

it('are what `git diff` shows, of compressed fixtures too', async () => {
  const folder = temporaryFolder();
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, encoding: 'utf8' });
  const path = join(folder, 'a.run.jsonl');
  copyFileSync(refund, path);
  writeFileSync(join(folder, 'a.run.jsonl.zst'), zstdCompressSync(readFileSync(path)));
  writeFileSync(
    join(folder, '.gitattributes'),
    '*.run.jsonl text eol=lf diff=reprise\n*.zst -text -merge diff=reprise\n',
  );
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'Record');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('"amount":44}},"request":{"order"', '"amount":45}},"request":{"order"'),
  );
  await sealFixture(path);
  writeFileSync(join(folder, 'a.run.jsonl.zst'), zstdCompressSync(readFileSync(path)));
  const program = `'${process.execPath}' '${join(root, 'dist/cli/main.mjs')}' show --plain`;
  const lines = git('-c', `diff.reprise.textconv=${program}`, 'diff', '-U0').split('\n');
  const changed = lines.filter((line) => /^[+-][^+-]/.test(line));
  expect(changed).toEqual(['-      amount: 44', '+      amount: 45', '-      amount: 44', '+      amount: 45']);
});
