// The programs of docs/guide/recordings-as-mocks.md compile, record, and pass as tests with the provider gone.
import { beforeAll, expect, it } from 'vitest';
import { processOf } from '../support/cli.ts';
import { sharedFolder } from '../support/folder.ts';
import { compilers } from '../support/type-check.ts';
import { expectCompiles, makeGuideProject } from '../support/user-project.ts';

const folder = sharedFolder();
beforeAll(() => {
  makeGuideProject(folder, 'docs/guide/recordings-as-mocks.md', ['msw', '@types/node']);
});

it('compiles', () => expectCompiles(compilers[0] as (typeof compilers)[number], folder));

it('records, and serves tests without the provider', async () => {
  const recorded = await processOf(process.execPath, ['--no-warnings', 'record.ts'], folder);
  expect(recorded).toMatchObject({ code: 0, out: 'clear\n' });
  const { code, out } = await processOf(process.execPath, ['--no-warnings', '--test', 'weather.test.ts'], folder);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/pass 2/) });
});
