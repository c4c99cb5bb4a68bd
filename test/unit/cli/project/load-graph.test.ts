import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoadedConfig } from '../../../../src/config.ts';
import { graphAddress, graphOfConfig, graphOfModule, graphsOfConfig } from '../../../../cli/project/load-graph.ts';
import { temporaryFolder } from '../../../support/folder.ts';

/** The source of a module that exports a graph of each name. */
const exporting = (...names: readonly string[]): string =>
  [
    "import { fields, graph } from 'reprise';",
    ...names.map(
      (name) =>
        `export const ${name} = graph('${name}', { state: fields({}) }).node('a', () => ({})).start('a').build();`,
    ),
  ].join('\n');

function configured(files: Readonly<Record<string, string>>, graphs: readonly string[] = ['*.ts']): LoadedConfig {
  const folder = temporaryFolder(files);
  return { graphs, folder, path: join(folder, 'reprise.config.ts') };
}

describe('graphAddress', () => {
  it.each([
    ['desk', { kind: 'configured', name: 'desk' }],
    ['src/desk', { kind: 'configured', name: 'src/desk' }],
    ['desk.ts', { kind: 'module', path: 'desk.ts', exported: undefined }],
    ['src/desk.mjs', { kind: 'module', path: 'src/desk.mjs', exported: undefined }],
    ['src/desk.ts#desk', { kind: 'module', path: 'src/desk.ts', exported: 'desk' }],
    ['src/#1/desk.ts#desk', { kind: 'module', path: 'src/#1/desk.ts', exported: 'desk' }],
    ['desk#', { kind: 'module', path: 'desk', exported: '' }],
  ])('reads %s', (text, address) => {
    expect(graphAddress(text)).toEqual(address);
  });
});

describe('a graph of a module', () => {
  const path = (text: string): string => join(temporaryFolder({ 'graphs.ts': text }), 'graphs.ts');

  it('is its only one, or the one that is named', async () => {
    expect(await graphOfModule(path(`${exporting('desk')}\nexport const other = 1;`), undefined)).toMatchObject({
      name: 'desk',
    });
    expect(await graphOfModule(path(exporting('desk', 'shop')), 'shop')).toMatchObject({ name: 'shop' });
  });

  it.each<readonly [string, string, string | undefined, string, string]>([
    ['has none', 'export const desk = 1;', undefined, 'exports no graph', '`.build()`'],
    ['has none, by a name', 'export const desk = 1;', 'desk', 'exports no graph "desk"', '`.build()`'],
    ['has several', exporting('a', 'b'), undefined, 'exports several graphs: a, b', 'graphs.ts#a.'],
    ['has others', exporting('a', 'b'), 'c', 'exports no graph "c", only a, b', 'graphs.ts#a.'],
    [
      'exports its graph twice',
      `${exporting('a')}\nexport default a;`,
      'c',
      'exports no graph "c", only a, default',
      'graphs.ts#a.',
    ],
  ])('is refused where the module %s', async (_what, text, exported, message, nextStep) => {
    const file = path(text);
    await expect(graphOfModule(file, exported)).rejects.toMatchObject({
      code: 'module-unloadable',
      message: `the module ${file} ${message}`,
      nextStep: expect.stringContaining(nextStep),
    });
  });

  it('is refused where there is no module', async () => {
    const missing = join(temporaryFolder(), 'graphs.ts');
    await expect(graphOfModule(missing, 'desk')).rejects.toMatchObject({
      code: 'module-unloadable',
      message: `the module ${missing} does not exist`,
    });
  });

  it('keeps the code of an invalid graph, and says where it is', async () => {
    const invalid = path(exporting('desk').replace(".start('a')", ".start('b')"));
    await expect(graphOfModule(invalid, 'desk')).rejects.toMatchObject({
      code: 'graph-invalid',
      message: expect.stringContaining(`(thrown while importing ${invalid})`),
    });
  });
});

describe('a graph of the config', () => {
  const instead = 'path/to/graph.ts#export';

  it('is found by its own name, not that of its export', async () => {
    const config = configured({ 'a.ts': exporting('desk').replace('const desk', 'const renamed') });
    expect(await graphOfConfig('desk', config, instead)).toMatchObject({ name: 'desk' });
  });

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['a graph with a like name', { 'a.ts': exporting('desk', 'shop') }, 'Did you mean "desk"? '],
    [
      'other graphs',
      { 'a.ts': exporting('shop'), 'b.ts': exporting('till') },
      'The config has shop, till. Add its module to `graphs` in the config. ',
    ],
    ['no graphs', {}, 'Add its module to `graphs` in the config. '],
  ])('is refused where the config has %s', async (_what, files, hint) => {
    const config = configured(files);
    await expect(graphOfConfig('dsek', config, instead)).rejects.toMatchObject({
      code: 'module-unloadable',
      message: `no module listed in ${config.path} exports a graph "dsek"`,
      nextStep: `${hint}Otherwise, name the module: ${instead}.`,
    });
  });

  it('is refused without a config', async () => {
    const config: LoadedConfig = { folder: temporaryFolder(), path: undefined };
    await expect(graphOfConfig('desk', config, instead)).rejects.toMatchObject({
      code: 'module-unloadable',
      message: 'unknown graph "desk": there is no reprise.config.ts in this folder or above it',
      nextStep: `Name the module: ${instead}.`,
    });
  });
});

describe('the graphs of the config', () => {
  const namesOf = async (config: LoadedConfig): Promise<readonly string[]> =>
    (await graphsOfConfig(config)).map(({ name }) => name);

  it('are those of all modules that match, in the order of their paths', async () => {
    const files = { 'b.ts': exporting('shop'), 'a.ts': exporting('desk', 'till'), 'c/c.ts': exporting('deep') };
    expect(await namesOf(configured(files))).toEqual(['desk', 'till', 'shop']);
    expect(await namesOf(configured(files, ['c/*.ts', 'b.ts']))).toEqual(['shop', 'deep']);
  });

  it('are none without patterns', async () => {
    expect(await namesOf({ folder: temporaryFolder({ 'a.ts': exporting('desk') }), path: 'x' })).toEqual([]);
  });

  it('hold a graph once that two modules export', async () => {
    const files = { 'a.ts': exporting('desk'), 'b.ts': "export { desk } from './a.ts';" };
    expect(await namesOf(configured(files))).toEqual(['desk']);
  });

  it('must not share a name', async () => {
    const config = configured({ 'a.ts': exporting('desk'), 'b.ts': exporting('desk') });
    const path = join(config.folder, 'b.ts');
    await expect(graphsOfConfig(config)).rejects.toMatchObject({
      code: 'config-invalid',
      message: `two graphs are named "desk"; the second is in ${path}`,
      fields: { name: 'desk', path },
    });
  });

  it('cannot be loaded while one of the modules throws', async () => {
    const config = configured({ 'a.ts': exporting('desk'), 'b.ts': "throw new Error('no database');" });
    await expect(graphsOfConfig(config)).rejects.toMatchObject({
      code: 'module-unloadable',
      message: expect.stringContaining(`${join(config.folder, 'b.ts')}: no database`),
    });
  });
});
