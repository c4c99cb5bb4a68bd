// Writes the page of a run, or of two, into one file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RepriseError } from '../../src/index.ts';
import type { OpenRun } from '../../src/replay/index.ts';
import { PageRunBuilder, pageHtml } from '../../src/report/index.ts';
import type { PageModel, PageParts, PageRun } from '../../src/report/index.ts';

export const htmlOption = ['--html <file>', 'Write a page to look at: one file that needs no network'] as const;

/** Reads a run to its end. */
export async function pageRunOf(
  { steps }: Pick<OpenRun, 'steps'>,
  name: string,
  options: { readonly textLengthMax?: number } = {},
): Promise<PageRun> {
  const builder = new PageRunBuilder(options);
  for await (const { entries, beside } of steps) builder.add(entries, beside);
  return builder.run(name);
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
function pageParts(): PageParts {
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
