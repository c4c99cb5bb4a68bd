// The programs of docs/guide/laws.md compile, and print what their comments say; its tables say what the code does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { append, fields, graph, last, max, merge, min, sum, text, union, upsert } from '../../src/index.ts';
import { fieldMerges } from '../../src/explore/law/field-merge.ts';
import { lawNames } from '../../src/explore/law/reducer-law.ts';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const page = 'docs/guide/laws.md';
const programs = codeBlocks(page).filter(({ language }) => language === 'ts');
const guide = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
const folder = sharedFolder();

beforeAll(() => {
  makeUserProject(folder, ['fast-check', '@types/node']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text: code } of programs) writeFileSync(join(folder, file as string), code);
});

it('names the file of each program', () => {
  expect(programs.map(({ file }) => file)).toEqual(['desk.ts', 'laws.ts', 'property.ts']);
});

it.each(programs)('$file prints what it says', async ({ file, text: code }) => {
  const prints = [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed]) => printed);
  const { code: exit, out, talk } = await processOf(process.execPath, ['--no-warnings', file as string], folder);
  const lines = out.split('\n').slice(0, -1);
  expect({ exit, talk, lines }).toEqual({ exit: 0, talk: '', lines: prints });
  expect(prints.length > 0 || file === 'desk.ts').toBe(true);
});

it.each(compilers)('has TypeScript that compiles: $name', (compiler) => expectCompiles(compiler, folder));

it('lists every law', () => {
  const [, table = ''] = /^## The laws$([\s\S]*?)^A field of/m.exec(guide) ?? [];
  expect([...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, law]) => law)).toEqual(lawNames);
});

it('says what each built-in field promises', () => {
  const made = graph('every', {
    state: fields({
      append: append(),
      last: last<number>(0),
      max: max(),
      merge: merge(),
      min: min(),
      sum: sum(),
      text: text(),
      union: union(),
      upsert: upsert<{ id: string }>('id'),
    }),
  })
    .node('a', () => {})
    .start('a')
    .build();
  const [, table = ''] = /^\| field \| promises \|$([\s\S]*?)^$/m.exec(guide) ?? [];
  const rows = [...table.matchAll(/^\| (`.*`) \| ([^.|]+)/gm)].flatMap(([, names = '', promises = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, promises.trim()] as const),
  );
  const all = 'order-independent, associative, idempotent, identity';
  for (const { name, promises } of fieldMerges(made.spec))
    expect([name, promises.join(', ')]).toEqual([name, new Map(rows).get(name)?.replace('all four', all)]);
});
