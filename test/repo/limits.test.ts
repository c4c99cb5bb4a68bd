import { expect, it } from 'vitest';
import { crowdedFolders, fileCounts, longFiles, needlessLimitExceptions, wideClasses } from './limits.ts';
import type { Limit } from './rules.ts';
import { sourcesOf } from './sources-of.ts';

const limitOf = (path: string, countMax: number): Limit => ({ path, countMax, why: 'it holds two ideas' });

it('lets a file be as long as the limits of its folders, and no longer', () => {
  const counts = new Map([
    ['src/shop/a.ts', 500],
    ['src/shop/b.ts', 501],
    ['src/shop/till/a.ts', 300],
    ['src/shop/till/b.ts', 301],
  ]);
  expect(longFiles(counts, [limitOf('src/', 500), limitOf('src/shop/till/', 300)])).toEqual([
    'src/shop/b.ts has 501 lines, more than 500: it holds two ideas',
    'src/shop/till/b.ts has 301 lines, more than 300: it holds two ideas',
  ]);
});

it('lets a folder hold that many files, those of folders inside it not counted', () => {
  const counts = fileCounts(['src/shop/a.ts', 'src/shop/b.ts', 'src/shop/till/a.ts', 'src/shop/till/b.ts', 'src/c.ts']);
  expect(crowdedFolders(counts, [limitOf('src/', 2)])).toEqual([]);
  expect(crowdedFolders(counts, [limitOf('src/shop/', 1)])).toEqual([
    'src/shop/ has 2 files, more than 1: it holds two ideas',
    'src/shop/till/ has 2 files, more than 1: it holds two ideas',
  ]);
});

it('lets a class have that many public members, and no more', () => {
  const of = (members: string): string => `export class Till {\n${members}\n}`;
  const two = `
    readonly #hidden = 1;
    private kept = 1;
    protected shared(): void {}
    #run(): void {}
    constructor(private readonly own: number, count: number) {}
    static make(): Till { return new Till(1, 2); }
    add(item: string): void;
    add(item: number): void;
    add(item: unknown): void {}`;
  const sources = sourcesOf({
    'src/shop/two.ts': of(two),
    'src/shop/method.ts': of(`${two}\nrun(): void {}`),
    'src/shop/getter.ts': of(`${two}\nget size(): number { return 1; }`),
    'src/shop/setter.ts': of(`${two}\nset size(count: number) {}`),
    'src/shop/field.ts': of(`${two}\nsize = 1;`),
    'src/shop/static.ts': of(`${two}\nstatic size = 1;`),
    'src/shop/abstract.ts': of(`${two}\nabstract run(): void;`),
    'src/shop/parameter.ts': of(two.replace('private readonly own', 'readonly own')),
    'src/shop/expression.ts': `export const till = class { a = 1; b = 1; c = 1; };`,
    'src/bank/a.ts': of(`${two}\nrun(): void {}`),
  });
  expect(wideClasses(sources, [limitOf('src/shop/', 2)])).toEqual([
    ...['method', 'getter', 'setter', 'field', 'static', 'abstract', 'parameter'].map(
      (name) => `src/shop/${name}.ts:1 Till has 3 public members, more than 2: it holds two ideas`,
    ),
    'src/shop/expression.ts:1 class has 3 public members, more than 2: it holds two ideas',
  ]);
});

it('leaves out what an exception covers, for as long as it is needed', () => {
  const limits = [{ ...limitOf('src/', 10), exceptions: [{ path: 'src/shop/a.ts', why: 'it is old' }] }];
  const long = new Map([['src/shop/a.ts', 11]]);
  const short = new Map([['src/shop/a.ts', 10]]);
  expect(longFiles(long, limits)).toEqual([]);
  expect(needlessLimitExceptions(long, limits)).toEqual([]);
  expect(needlessLimitExceptions(short, limits)).toEqual([
    'src/shop/a.ts has an exception from the limit of 10 and keeps to it',
  ]);
});
