// The entry points are named in five files for five tools; they have to say the same.
import { expect, it } from 'vitest';
import buildConfig from '../../tsdown.config.ts';
import vitestConfig from '../../vitest.config.ts';
import { jsonOf, root, textOf } from './repository.ts';
import { doors, packageFolders } from './rules.ts';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string } | string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = jsonOf('package.json') as Package;
const nameOf = (door: string): string => (door === '.' ? 'index' : door.slice(2));
const built = { ...(buildConfig as { readonly entry: Readonly<Record<string, string>> }).entry };

it('builds every door and the program, and nothing else', () => {
  const wanted = Object.entries(doors).map(([door, source]) => [nameOf(door), source]);
  expect(built).toEqual({ ...Object.fromEntries(wanted), 'cli/main': 'cli/main.ts' });
});

it('exports every door under the name that it is built as', () => {
  const wanted = Object.keys(doors).map((door) => [
    door,
    { types: `./dist/${nameOf(door)}.d.mts`, default: `./dist/${nameOf(door)}.mjs` },
  ]);
  expect(manifest.exports).toEqual({ ...Object.fromEntries(wanted), './package.json': './package.json' });
  expect(manifest.bin).toEqual({ reprise: './dist/cli/main.mjs' });
});

it('takes the package by name from its sources, in the compiler and in tests', () => {
  const { compilerOptions } = jsonOf('tsconfig.json') as {
    readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> };
  };
  const nameFor = (door: string): string => (door === '.' ? 'reprise' : `reprise/${nameOf(door)}`);
  const wanted = Object.entries(doors).map(([door, source]) => [nameFor(door), [`./${source}`]]);
  expect(compilerOptions.paths).toEqual(Object.fromEntries(wanted));

  const aliases = vitestConfig.resolve?.alias as readonly { readonly find: RegExp; readonly replacement: string }[];
  const aliased = Object.entries(doors).map(([door]) => {
    const alias = aliases.find(({ find }) => find.test(nameFor(door)));
    return alias === undefined ? '' : nameFor(door).replace(alias.find, alias.replacement).slice(root.length);
  });
  expect(aliased).toEqual(Object.values(doors));
});

it('depends on each package of a room: as a dependency, or as an optional peer that its tests use too', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, devDependencies } = manifest;
  expect([...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort()).toEqual(
    Object.keys(packageFolders).sort(),
  );
  for (const name of Object.keys(peerDependencies)) {
    expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(devDependencies[name]).toBeDefined();
  }
});

it('pins every version that it installs', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter(([, version]) => !/^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

it('has a lock file that installs from any registry', () => {
  expect(textOf('package-lock.json')).not.toMatch(/"resolved"/);
});
