import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Project, openProject } from '../../../../cli/project/project.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const exporting = (name: string): string => `import { fields, graph } from 'reprise';
export const ${name} = graph('${name}', { state: fields({}) }).node('a', () => ({})).start('a').build();
`;
const files = {
  'reprise.config.ts': "export default { graphs: ['graphs/*.ts'], store: 'data.db' };\n",
  'graphs/desk.ts': exporting('desk'),
  'graphs/shop.ts': exporting('shop'),
  'app/other.ts': exporting('other'),
};

it('is opened with the config above the working folder', async () => {
  const folder = temporaryFolder(files);
  const project = await openProject(join(folder, 'app'));
  expect(project.config).toMatchObject({ folder, store: 'data.db' });
  expect(project.storePath(undefined)).toBe(join(folder, 'data.db'));
  expect(project.storePath('own.db')).toBe(join(folder, 'app/own.db'));
});

it.each([
  ['inside', '/project/app/runs.db', 'runs.db'],
  ['deep inside', '/project/app/a/b.ts', 'a/b.ts'],
  ['outside', '/project/runs.db', '/project/runs.db'],
  ['itself', '/project/app', '/project/app'],
  ['beside, with a name that begins the same', '/project/app-2/runs.db', '/project/app-2/runs.db'],
])('shortens a path %s', (_where, path, short) => {
  expect(new Project('/project/app', { folder: '/project', path: undefined }).shorten(path)).toBe(short);
});

describe('graphs', () => {
  it('are named as in the config, or by their module', async () => {
    const project = await openProject(join(temporaryFolder(files), 'app'));
    expect(await project.loadGraph('desk')).toMatchObject({ name: 'desk' });
    expect(await project.loadGraph('other.ts')).toMatchObject({ name: 'other' });
    expect(await project.loadGraph('../graphs/shop.ts#shop')).toMatchObject({ name: 'shop' });
  });

  it('of a run are those of its name, unless another one is given', async () => {
    const project = await openProject(temporaryFolder(files));
    expect(await project.loadGraphOfRun('desk', undefined)).toMatchObject({ name: 'desk' });
    expect(await project.loadGraphOfRun('desk', 'shop')).toMatchObject({ name: 'shop' });
    expect(await project.loadGraphOfRun('desk', 'app/other.ts')).toMatchObject({ name: 'other' });
  });

  it('of a run that are missing are to be given by --graph', async () => {
    const project = await openProject(temporaryFolder());
    await expect(project.loadGraphOfRun('desk', undefined)).rejects.toMatchObject({
      nextStep: 'Name the module: --graph path/to/graph.ts#export.',
    });
    await expect(project.loadGraph('desk')).rejects.toMatchObject({
      nextStep: 'Name the module: path/to/graph.ts#export.',
    });
  });

  it('to work on are all of the config, unless one is given', async () => {
    const project = await openProject(temporaryFolder(files));
    expect(await project.loadGraphs()).toMatchObject([{ name: 'desk' }, { name: 'shop' }]);
    expect(await project.loadGraphs('app/other.ts#other')).toMatchObject([{ name: 'other' }]);
  });
});
