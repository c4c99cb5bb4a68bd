import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/project/load-config.ts';
import { temporaryFolder } from '../../support/folder.ts';

const named = (store: string): string => `export default { store: '${store}' };\n`;

describe('a config', () => {
  it('is found in the working folder, with the folder that its paths are relative to', async () => {
    const folder = temporaryFolder({ 'reprise.config.ts': named('a.db') });
    expect(await loadConfig(folder)).toEqual({ store: 'a.db', folder, path: join(folder, 'reprise.config.ts') });
  });

  it('is found in a folder above, the nearest first', async () => {
    const folder = temporaryFolder({
      'reprise.config.ts': named('far.db'),
      'app/reprise.config.mjs': named('near.db'),
      'app/src/index.ts': '',
      'lib/index.ts': '',
    });
    const [near, far] = await Promise.all([loadConfig(join(folder, 'app/src')), loadConfig(join(folder, 'lib'))]);
    expect(near).toMatchObject({ store: 'near.db', folder: join(folder, 'app') });
    expect(far).toMatchObject({ store: 'far.db', folder });
  });

  it('in TypeScript comes before one in JavaScript', async () => {
    const folder = temporaryFolder({ 'reprise.config.js': named('js.db'), 'reprise.config.ts': named('ts.db') });
    expect(await loadConfig(folder)).toMatchObject({ store: 'ts.db' });
  });

  it('takes what a loader made CommonJS of', async () => {
    const text = "module.exports = { __esModule: true, default: { store: 'cjs.db' } };";
    const folder = temporaryFolder({ 'package.json': '{"type":"commonjs"}', 'reprise.config.js': text });
    expect(await loadConfig(folder)).toMatchObject({ store: 'cjs.db' });
  });

  it('is not needed: paths are then relative to the working folder', async () => {
    const folder = temporaryFolder();
    expect(await loadConfig(folder)).toEqual({ folder, path: undefined });
  });
});

describe('a config is refused', () => {
  it.each<readonly [string, string, RegExp, string]>([
    [
      'without a default export',
      'export const config = {};',
      /reprise\.config\.ts has no default export/,
      'defineConfig',
    ],
    ['that is a text', "export default 'x';", /reprise\.config\.ts/, 'defineConfig'],
    ['with an unknown key', "export default { fixture: 'x' };", /"fixture"/, 'Did you mean "fixtures"?'],
    ['with a value of another kind', "export default { graphs: 'src/*.ts' };", /"graphs"/, 'a list of globs'],
  ])('%s', async (_what, text, message, nextStep) => {
    const folder = temporaryFolder({ 'reprise.config.ts': text });
    await expect(loadConfig(folder)).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(message),
      nextStep: expect.stringContaining(nextStep),
    });
  });

  it('whose module throws', async () => {
    const folder = temporaryFolder({ 'reprise.config.ts': "throw new Error('no such secret');" });
    await expect(loadConfig(folder)).rejects.toMatchObject({
      code: 'module-unloadable',
      message: expect.stringContaining(`cannot load the module ${join(folder, 'reprise.config.ts')}: no such secret`),
    });
  });
});
