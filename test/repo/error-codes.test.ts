import { expect, it } from 'vitest';
import { errorCodes } from '../../src/base/error.ts';
import { textFiles, textOf } from './repository.ts';

const folder = 'docs/reference/errors/';
const pages = textFiles().filter((path) => path.startsWith(folder) && path.endsWith('.md'));
const pageOf = (code: string): string => `${folder}${code}.md`;

it('has a page for every error code', () => {
  expect(errorCodes.map(pageOf).filter((path) => !pages.includes(path))).toEqual([]);
});

it('has no page for a code that is no longer there', () => {
  const known = new Set(['README', ...errorCodes].map(pageOf));
  expect(pages.filter((path) => !known.has(path))).toEqual([]);
});

it('names the code in the title of its page', () => {
  const untitled = errorCodes.map((code) => [code, pageOf(code)] as const).filter(([, path]) => pages.includes(path));
  expect(untitled.filter(([code, path]) => !(/^# .*$/m.exec(textOf(path))?.[0] ?? '').includes(code))).toEqual([]);
});

it('gives each code once, in kebab-case', () => {
  expect(errorCodes.filter((code, index) => errorCodes.indexOf(code) !== index)).toEqual([]);
  expect(errorCodes.filter((code) => !/^[a-z]+(?:-[a-z]+)*$/.test(code))).toEqual([]);
});
