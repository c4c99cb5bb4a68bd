import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { moduleFault } from '../../../src/project/module-fault.ts';
import { RepriseError } from '../../../src/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

const importing = `
  const { workerData, parentPort } = require('node:worker_threads');
  import(workerData).then(
    () => parentPort.postMessage({}),
    (thrown) => parentPort.postMessage({ thrown, code: thrown?.code }),
  );
`;

/** What Node itself throws for a module. An import in this process would be one of vitest. */
async function thrownByImport(path: string): Promise<unknown> {
  const worker = new Worker(importing, { eval: true, stderr: true, workerData: pathToFileURL(path).href });
  try {
    const { thrown, code } = await new Promise<{ readonly thrown?: unknown; readonly code?: unknown }>(
      (resolve, reject) => worker.once('message', resolve).once('error', reject),
    );
    return thrown instanceof Error && code !== undefined ? Object.assign(thrown, { code }) : thrown;
  } finally {
    await worker.terminate();
  }
}

interface ModuleCase {
  readonly text: string;
  /** How the message starts after the path. Node words the rest. */
  readonly what: (path: string) => string;
  readonly nextStep: string;
}

const setting = "set `import: ['tsx']` in reprise.config.ts";

const files = {
  'tsconfig.json': '{ "extends": "./base" /* the rest */, }',
  'base.json': '{ "compilerOptions": { // aliases\n "paths": { "@lib/*": ["./*"] } } }',
  'decorated.ts': '@seen export class Desk {}',
  'view.tsx': 'export const view = <p />;',
  'other.ts': 'export type Name = string;',
  'lib/index.ts': '',
};

const cases: Readonly<Record<string, ModuleCase>> = {
  'throws an error': {
    text: "\nthrow new Error('no database');\n",
    what: (path) => `no database (${path}:2:7)`,
    nextStep: 'Fix the error: the module throws it while it is imported.',
  },
  'throws undefined': {
    text: 'throw undefined;\n',
    what: () => 'it threw undefined',
    nextStep: 'Throw an Error instead.',
  },
  'has an enum': {
    text: '\n\nexport enum Colour { red }\n',
    what: (path) => `${path}:3: TypeScript enum is not supported in strip-only mode`,
    nextStep: setting,
  },
  'has a parameter property': {
    text: 'export class Desk {\n  constructor(private name: string) {}\n}\n',
    what: (path) => `${path}:2: TypeScript parameter property is not supported in strip-only mode`,
    nextStep: setting,
  },
  'has a decorator': {
    text: "/** @param x */\nexport const at = '@x';\nconst seen = (_: unknown, __: unknown) => undefined;\n@seen\nexport class Desk {}\n",
    what: (path) => `${path}:4: a decorator`,
    nextStep: setting,
  },
  'imports a module with a decorator': {
    text: "export { Desk } from './decorated.ts';\n",
    what: (path) => `${join(dirname(path), 'decorated.ts')}:1: a decorator`,
    nextStep: setting,
  },
  'imports JSX': {
    text: "import './view.tsx';\n",
    what: (path) => `${join(dirname(path), 'view.tsx')}: JSX (a .tsx file)`,
    nextStep: setting,
  },
  'imports by an alias of the compiler': {
    text: "import '@lib/desk';\n",
    what: (path) =>
      `Cannot find package '@lib/desk' imported from ${path}: \`paths\` of ${join(dirname(path), 'tsconfig.json')}`,
    nextStep: setting,
  },
  'leaves the extension out': {
    text: "import './other';\n",
    what: (path) => `${path}: an import of "other", but the file is ${join(dirname(path), 'other.ts')}`,
    nextStep: setting,
  },
  'names the output of a TypeScript file': {
    text: "import './other.js';\n",
    what: (path) => `${path}: an import of "other.js", but the file is ${join(dirname(path), 'other.ts')}`,
    nextStep: "Write the extension ('….ts')",
  },
  'imports a folder': {
    text: "import './lib';\n",
    what: (path) => `${path}: an import of the folder ${join(dirname(path), 'lib')}`,
    nextStep: setting,
  },
  'imports a type as a value': {
    text: "import { Name } from './other.ts';\nexport const name: Name = 'x';\n",
    what: (path) => `${path}:1: The requested module './other.ts' does not provide an export named 'Name'`,
    nextStep: 'write `import type`',
  },
  'cannot be parsed': {
    text: '\nexport const desk = ;\n',
    what: (path) => `${path}:2: `,
    nextStep: 'Fix the syntax error.',
  },
  'imports a package that is not installed': {
    text: "import '@scope/nowhere/deep';\n",
    what: (path) => `Cannot find package '@scope/nowhere' imported from ${path}`,
    nextStep: 'npm install @scope/nowhere',
  },
  'imports a file that does not exist': {
    text: "import './desk';\n",
    what: () => 'Cannot find module ',
    nextStep: 'Check the import path.',
  },
};

describe.each([
  ['ES modules', '{ "type": "module" }'],
  ['CommonJS', '{}'],
])('in a project of %s, a module that', (_kind, manifest) => {
  it.each(Object.entries(cases))('%s', async (_what, { text, what, nextStep }) => {
    const folder = temporaryFolder({ ...files, 'package.json': manifest, 'a desk 100%.ts': text });
    const path = join(folder, 'a desk 100%.ts');
    const thrown = await thrownByImport(path);
    const fault = moduleFault(path, thrown);
    expect(fault).toMatchObject({ code: 'module-unloadable', fields: { path } });
    expect(fault.cause).toBe(thrown);
    expect(fault.message.startsWith(`cannot load the module ${path}: ${what(path)}`), fault.message).toBe(true);
    expect(fault.nextStep).toContain(nextStep);
  });
});

it.each(['"type": "commonjs"', '"name": "plain", "type": "commonjs"'])(
  'an ES module in a package with %s is told what to set',
  async (manifest) => {
    const folder = temporaryFolder({
      'package.json': `{ ${manifest} }`,
      'desk.ts': "import 'node:fs';\nexport const a = 1;\n",
    });
    const path = join(folder, 'desk.ts');
    const fault = moduleFault(path, await thrownByImport(path));
    expect(fault.message).toContain(`${path}:1: an ES module in a CommonJS package (${join(folder, 'package.json')}`);
    expect(fault.nextStep).toMatch(/npm pkg set type=module.*import: \['tsx'\]/);
  },
);

it('a config in a CommonJS package is told its name', async () => {
  const folder = temporaryFolder({
    'package.json': '{ "type": "commonjs" }',
    'reprise.config.ts': 'export default {};\n',
  });
  const path = join(folder, 'reprise.config.ts');
  const { nextStep } = moduleFault(path, await thrownByImport(path));
  expect(nextStep).toBe('Name the file reprise.config.mts, or npm pkg set type=module.');
});

describe('an error of Reprise', () => {
  const error = (message: string): RepriseError =>
    new RepriseError('graph-invalid', message, { nextStep: 'Add the node.', fields: { node: 'a' } });

  it('keeps its code, and is told with the module that threw it', () => {
    expect(moduleFault('src/desk.ts', error('there is no node "a"'))).toMatchObject({
      code: 'graph-invalid',
      message: 'there is no node "a" (thrown while importing src/desk.ts)',
      nextStep: 'Add the node.',
      fields: { node: 'a' },
    });
  });

  it('that names the module already is left as it is', () => {
    const thrown = error('there is no node "a" in src/desk.ts');
    expect(moduleFault('src/desk.ts', thrown)).toBe(thrown);
  });
});
