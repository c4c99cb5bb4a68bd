// The programs of docs/guide/bring-your-own-code.md compile, and print what their comments say.
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeGuideProject } from '../support/user-project.ts';

const folder = sharedFolder();
beforeAll(() => {
  makeGuideProject(folder, 'docs/guide/bring-your-own-code.md', ['@types/node']);
});

it('compiles', () => expectCompiles(compilers[0] as (typeof compilers)[number], folder));

it('records and replays the handler', async () => {
  const recorded = await processOf(process.execPath, ['--no-warnings', 'record.ts'], folder);
  expect(recorded).toMatchObject({ code: 0, out: 'It was sent.\nsame\n' });
});
