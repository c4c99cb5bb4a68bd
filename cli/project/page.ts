// Writes the page of a run, or of two, into one file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RepriseError } from '../../src/index.ts';
import type { OpenRun } from '../../src/replay/index.ts';
import { PageRunBuilder, pageHtml } from '../../src/report/index.ts';
import type { PageModel, PageParts, PageRun } from '../../src/report/index.ts';
import { shellWord } from '../terminal/shell-word.ts';

export const htmlOption = ['--html <file>', 'Write a page to look at: one file that needs no network'] as const;

interface PageRunOptions {
  readonly textLengthMax?: number;
  readonly lengthMax?: number;
  /** Of a stored run that is paused. */
  readonly waitsFor?: readonly string[];
}

/** In characters: a longer page takes the browser seconds to open, and both more memory than they may have. */
const pageLengthMax = 64_000_000;

/** For one of its parts, which is cut to a length of its own. */
export const wholeRun = { textLengthMax: Number.POSITIVE_INFINITY, lengthMax: Number.POSITIVE_INFINITY } as const;

/** Reads a run to its end, or as far as it is. @throws RepriseError `run-too-large` */
export async function pageRunOf(
  { steps, summary }: Pick<OpenRun, 'steps' | 'summary'>,
  name: string,
  { textLengthMax, lengthMax = pageLengthMax, waitsFor = [] }: PageRunOptions = {},
): Promise<PageRun> {
  const builder = new PageRunBuilder(textLengthMax === undefined ? {} : { textLengthMax });
  for await (const { entries, beside } of steps) {
    builder.add(entries, beside);
    if (builder.length > lengthMax) throw tooLarge(name, lengthMax);
  }
  const run = builder.run(name);
  const facts = [...run.facts, ...waitsFor.map((text) => ['waits for', text] as const)];
  return { ...run, facts, status: summary?.status ?? run.status };
}

function tooLarge(name: string, lengthMax: number): RepriseError {
  return new RepriseError('run-too-large', `run ${name} is too large for a page: more than ${lengthMax} characters`, {
    nextStep: `Read it in parts: npx reprise show ${shellWord(name)} --step 1, or an address such as 2.0#1`,
  });
}

/** @throws RepriseError `usage` */
export function writePage(file: string, model: PageModel, cwd: string): void {
  const path = resolve(cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, pageHtml(model, pageParts()));
}

/** `--html` is one page, so there is one run to show. @throws RepriseError `usage` */
export function onlyOne(paths: readonly string[]): string {
  const [path, ...others] = paths;
  if (path !== undefined && others.length === 0) return path;
  throw new RepriseError('usage', `--html takes one fixture, but ${paths.length} are named`, {
    nextStep: 'Name a single fixture.',
  });
}

/** They lie beside the program in the package, wherever the file of this function was bundled into. */
export function pageParts(): PageParts {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const built = join(folder, 'dist', 'page');
    if (existsSync(join(built, 'page.iife.js')))
      return {
        script: readFileSync(join(built, 'page.iife.js'), 'utf8'),
        style: readFileSync(join(built, 'page.css'), 'utf8'),
      };
    if (folder === dirname(folder))
      throw new RepriseError('usage', 'the page is not built', { nextStep: 'In a checkout, run npm run build.' });
  }
}
