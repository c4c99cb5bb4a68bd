// The programs of the guides compile, all of them at once, and print what their comments say.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

interface Guide {
  /** Pages whose programs share a folder. */
  readonly pages: readonly string[];
  /** Their programs, in the order in which they stand there, and run. */
  readonly files: readonly string[];
  /** What a program prints, where its comments do not say all of it, line by line. */
  readonly prints?: Readonly<Record<string, readonly string[]>>;
  /** Its lines come from two places of the program. */
  readonly inAnyOrder?: true;
  /** Programs that need a server. */
  readonly leftOut?: readonly string[];
  /** What a program leaves in its folder. */
  readonly leaves?: Readonly<Record<string, string>>;
}

const guides: readonly Guide[] = [
  { pages: ['clean-up'], files: ['report.ts'], prints: { 'report.ts': ['still locked', 'failed 0'] } },
  { pages: ['parallel-work'], files: ['agents.ts'] },
  {
    pages: ['more-than-one-machine'],
    files: ['survey.ts', 'spread.ts', 'spans.ts'],
    prints: { 'survey.ts': [], 'spans.ts': ['find UNSET', 'take ERROR'] },
    leftOut: ['desk.ts', 'worker.ts', 'watched.ts', 'large.ts'],
  },
  {
    pages: ['queued-runs'],
    files: ['report.ts'],
    prints: { 'report.ts': ['Report for acme', 'report-7', 'report-7 done'] },
    inAnyOrder: true,
  },
  {
    pages: ['record-in-production', 'deploy'],
    files: ['production.ts', 'upload.ts', 'admin.ts', 'drain.ts', 'refund.ts'],
    prints: { 'drain.ts': ['report-1 done', 'drained'] },
    leaves: { 'production.ts': 'recorded/desk/desk-2.run.jsonl' },
  },
  { pages: ['durable-runs'], files: ['charge.ts'] },
  { pages: ['people', 'signals'], files: ['approval.ts', 'order.ts'] },
  {
    pages: ['stores'],
    files: ['desk.ts', 'keep.ts', 'prune.ts', 'secret.ts', 'own-store.ts'],
    prints: { 'desk.ts': [] },
  },
  { pages: ['schemas'], files: ['desk.ts', 'run.ts'], prints: { 'desk.ts': [] } },
  { pages: ['laws'], files: ['desk.ts', 'laws.ts', 'property.ts'], prints: { 'desk.ts': [] } },
  {
    pages: ['graphs', 'deterministic-nodes'],
    files: [
      'first.ts',
      'fields.ts',
      'routes.ts',
      'joins.ts',
      'subgraphs.ts',
      'errors.ts',
      'define.ts',
      'effects.ts',
      'shared.ts',
      'shared-queue.ts',
    ],
  },
];

const root = sharedFolder();
const projects = guides.map((guide) => ({
  ...guide,
  name: guide.pages.join(' and '),
  folder: join(root, guide.pages.join('-')),
  programs: guide.pages.flatMap((page) =>
    codeBlocks(`docs/guide/${page}.md`).flatMap(({ language, file, text }) =>
      language === 'ts' && file !== undefined && guide.leftOut?.includes(file) !== true ? [{ file, text }] : [],
    ),
  ),
}));

beforeAll(() => {
  makeUserProject(root, ['better-sqlite3', 'fast-check', 'zod', '@types/node', '@electric-sql', '@opentelemetry']);
  writeCompilerConfig(root, ['*/*.ts']);
  for (const { folder, programs } of projects) {
    mkdirSync(folder);
    for (const { file, text } of programs) writeFileSync(join(folder, file), text);
  }
  writeFileSync(join(root, 'graphs-deterministic-nodes/prices.json'), '{"tea":3}');
});

it.each(compilers)('compile with $name', (compiler) => expectCompiles(compiler, root));

describe.each(projects)('$name', ({ folder, programs, files, prints, inAnyOrder, leaves }) => {
  it('has these programs', () => expect(programs.map(({ file }) => file)).toEqual(files));

  it('prints what it says', async () => {
    for (const { file, text } of programs) {
      const commented = [...text.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed]) => printed);
      const printed = prints?.[file] ?? commented;
      const { code, out, talk } = await processOf(process.execPath, ['--no-warnings', file], folder);
      const lines = out.split('\n').slice(0, -1);
      if (inAnyOrder === true) lines.sort();
      expect({ file, code, talk, lines }).toEqual({
        file,
        code: 0,
        talk: '',
        lines: printed,
      });
      expect(printed.length > 0 || prints?.[file] !== undefined, file).toBe(true);
      const left = leaves?.[file];
      if (left !== undefined) expect(existsSync(join(folder, left))).toBe(true);
    }
  });
});
