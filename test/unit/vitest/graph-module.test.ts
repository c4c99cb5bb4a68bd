// Without a config, a command line has to name the module of the graph. A test imports it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { graphModule } from '../../../src/vitest/graph-module.ts';
import { temporaryFolder } from '../../support/folder.ts';

function project(files: { readonly [name: string]: string }): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'src/graphs'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const triage = "export const triage = graph('triage', {})";

it.each([
  ['as it is written', "import { triage } from './triage.ts';"],
  ['without its ending', "import { triage } from './triage';"],
  ['by what it is compiled to', "import { triage } from './triage.js';"],
  ['when it is asked for', "const { triage } = await import('./triage.ts');"],
  ['by require', "const { triage } = require('./triage.ts');"],
  ['beside others', "import { x } from './other.ts';\nimport {\n  triage,\n} from './triage.ts';"],
] as const)('is the module that the test imports %s', (_how, test) => {
  const folder = project({
    'src/triage.ts': triage,
    'src/other.ts': "export const x = graph('triage2', {})",
    'src/a.test.ts': test,
  });
  expect(graphModule(join(folder, 'src/a.test.ts'), 'triage')).toBe(join(folder, 'src/triage.ts'));
});

it.each([
  ['no import makes it', "import { x } from './other.ts';"],
  ['two do', "import { triage } from './triage.ts';\nimport './again.ts';"],
  ['the test makes it', triage],
  ['there is no such file', "import { triage } from './gone.ts';"],
] as const)('is not known where %s', (_what, test) => {
  const folder = project({
    'src/triage.ts': triage,
    'src/again.ts': triage,
    'src/other.ts': 'export const x = 1',
    'src/a.test.ts': test,
  });
  expect(graphModule(join(folder, 'src/a.test.ts'), 'triage')).toBeUndefined();
});
