// The programs of docs/guide/from-a-route-to-a-graph.md compile, and each step gives the same answer. The Express app itself
// runs in test/projects/express.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeUserProject, writeCompilerConfig } from '../support/user-project.ts';

const folder = sharedFolder();
const blocks = codeBlocks('docs/guide/from-a-route-to-a-graph.md');
beforeAll(() => {
  makeUserProject(folder, ['@types/node', 'better-sqlite3', '@types/better-sqlite3']);
  writeCompilerConfig(folder, ['*.ts']);
  for (const { file, text } of blocks)
    if (file !== undefined && file !== 'app.ts') writeFileSync(join(folder, file), text);
});

it('compiles', () => expectCompiles(compilers[0] as (typeof compilers)[number], folder));

it('gives the same answer after each step, recorded and replayed', async () => {
  const steps = await processOf(process.execPath, ['--no-warnings', 'steps.ts'], folder);
  expect(steps).toMatchObject({ code: 0, out: 'same same same same 0\n' });
});

it('has a loop of about sixty lines', () => {
  const loop = blocks.find(({ file }) => file === 'support.ts')?.text.split('\n') ?? [];
  expect(loop.length).toBeGreaterThan(55);
});
