// docs/guide/stores.md: what the commands say of a file that was written with a codec.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processOf, program } from '../support/cli.ts';
import { temporaryFolder } from '../support/folder.ts';
import { makeGuideProject } from '../support/user-project.ts';

it('says what the commands do with a file of a codec', async () => {
  const folder = temporaryFolder();
  makeGuideProject(folder, 'docs/guide/stores.md', ['better-sqlite3']);
  const written = await processOf(process.execPath, ['--no-warnings', join(folder, 'secret.ts')], folder);
  expect(written).toMatchObject({ code: 0 });
  const { code, talk } = await processOf(process.execPath, [program, 'list', '--store', 'secret.db'], folder);
  expect(code).not.toBe(0);
  expect(talk).toContain('was created with codec "aes-256-gcm", but opened without one');
  expect(talk).toContain('docs/reference/errors/store-other-codec.md');
});
