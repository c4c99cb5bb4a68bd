import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LoadedConfig } from '../../../../../src/config.ts';
import { storePath } from '../../../../../cli/project/store/store-path.ts';
import { temporaryFolder } from '../../../../support/folder.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const folder = '/project';
const cwd = '/project/app';
const bare: LoadedConfig = { folder, path: undefined };
const withStore: LoadedConfig = { ...bare, store: 'data/config.db' };

it.each<readonly [string, string | undefined, LoadedConfig, string]>([
  ['the one given, relative to the working folder', 'given.db', withStore, '/project/app/given.db'],
  ['the one given, as an absolute path', '/tmp/given.db', withStore, '/tmp/given.db'],
  ['that of the config, relative to its folder', undefined, withStore, '/project/data/config.db'],
  ['runs.db in the working folder', undefined, bare, '/project/app/runs.db'],
])('the store is %s', (_what, given, config, path) => {
  expect(storePath(given, config, cwd)).toBe(path);
});

it.each(['runs.db', ''])('the store may not be a folder, as in --store "%s"', (given) => {
  const working = temporaryFolder({ 'runs.db/file': '' });
  expect(thrownBy(() => storePath(given, bare, working))).toMatchObject({
    code: 'store-unreadable',
    fields: { path: join(working, given) },
  });
});
