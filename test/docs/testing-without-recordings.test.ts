// The programs of docs/guide/testing-without-recordings.md compile, and pass.
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeGuideProject } from '../support/user-project.ts';

const folder = sharedFolder();
beforeAll(() => {
  makeGuideProject(folder, 'docs/guide/testing-without-recordings.md', ['@types/node']);
});

it('compiles', () => expectCompiles(compilers[0] as (typeof compilers)[number], folder));

it('passes as tests', async () => {
  const passed = await processOf(process.execPath, ['--no-warnings', '--test'], folder);
  expect(passed).toMatchObject({ code: 0, out: expect.stringMatching(/pass 3/) });
});
