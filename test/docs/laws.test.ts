// docs/guide/laws.md: its tables say what the code does.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { append, fields, graph, last, max, merge, min, sum, text, union, upsert } from '../../src/index.ts';
import { fieldMerges } from '../../src/explore/law/field-merge.ts';
import { lawNames } from '../../src/explore/law/reducer-law.ts';

const page = 'docs/guide/laws.md';
const guide = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
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
