// Each rule as a function from files to sentences: what is wrong, where, and why it matters. An empty list is a pass.
import { eachImport, packageOf, reachable, roomOf } from './import-graph.ts';
import {
  ambientFolders,
  bannedCalls,
  bannedModules,
  bannedTexts,
  covers,
  doors,
  forbiddenImports,
  foreignPhrases,
  isCovered,
  packageFolders,
  programEntry,
  pureModules,
  pureRooms,
  rooms,
} from './rules.ts';
import type { Exception } from './rules.ts';
import type { Sources } from './source-file.ts';

const doorFiles = Object.values(doors);

export function upwardImports(sources: Sources): readonly string[] {
  return eachImport(sources, (path, target) => {
    const from = roomOf(path);
    const to = roomOf(target);
    if (from === undefined || to === undefined || from === to || from === 'cli') return undefined;
    if (rooms.indexOf(to) > rooms.indexOf(from)) return `${to} comes after ${from} in the order of rooms`;
    return forbiddenImports.find((pair) => pair.from === from && pair.to === to)?.why;
  });
}

/** Doors are for users, tests and the command line; the command line in turn uses nothing but doors. */
export function importsPastDoors(sources: Sources): readonly string[] {
  return eachImport(sources, (path, target) => {
    if (path.startsWith('cli/') && target.startsWith('src/') && !doorFiles.includes(target)) {
      return 'the command line talks to doors only, so that whatever it does a user can do';
    }
    if (path.startsWith('src/') && doorFiles.includes(target)) {
      return 'a door brings everything behind it; import the file itself';
    }
    if (path.startsWith('src/') && target.startsWith('cli/')) return 'the product does not know its command line';
    return undefined;
  });
}

export function missingTargets(sources: Sources): readonly string[] {
  return eachImport(sources, (_path, target) =>
    sources.has(target) || target.endsWith('.json') ? undefined : 'there is no such file',
  );
}

export function strayPackages(sources: Sources): readonly string[] {
  return eachSpecifier(sources, (path, specifier) => {
    const name = packageOf(specifier);
    if (name === undefined) return undefined;
    const folder = packageFolders[name];
    if (folder === undefined) return 'this package belongs to no room; the product needs few packages, and says which';
    return path.startsWith(folder) ? undefined : `only ${folder} may import it`;
  });
}

/** A user of the main door installs nothing else: no file behind it imports a package. */
export function packagesBehindMainDoor(sources: Sources): readonly string[] {
  const behind = reachable([doors['.'] ?? ''], sources);
  const inside = new Map([...sources].filter(([path]) => behind.has(path)));
  return eachSpecifier(inside, (_path, specifier) =>
    packageOf(specifier) === undefined ? undefined : 'it is behind the main door, which needs no package',
  );
}

export function impureImports(sources: Sources): readonly string[] {
  return eachSpecifier(sources, (path, specifier) => {
    const banned = bannedModules[specifier];
    if (banned !== undefined && !ambientFolders.some((folder) => path.startsWith(folder))) return banned;
    const room = roomOf(path);
    if (room === undefined || !pureRooms.includes(room) || !specifier.startsWith('node:')) return undefined;
    return Object.hasOwn(pureModules, specifier)
      ? undefined
      : `${room} only computes; the world comes in through ports`;
  });
}

export function bannedUses(sources: Sources): readonly string[] {
  return [...sources].flatMap(([path, source]) =>
    source.banned.flatMap(({ name, line }) => {
      const rule = bannedCalls.find((candidate) => candidate.name === name);
      if (rule === undefined || ambientFolders.some((folder) => path.startsWith(folder))) return [];
      if (isCovered(rule.exceptions, path)) return [];
      return [`${path}:${line} uses ${name}: ${rule.why}; use ${rule.use}`];
    }),
  );
}

/** Exceptions that nothing needs any more: each is a hole, so it goes when its reason goes. */
export function needlessExceptions(sources: Sources): readonly string[] {
  return bannedCalls.flatMap(({ name, exceptions = [] }) =>
    exceptions
      .filter((exception) => !usesIn(sources, exception, name))
      .map(({ path }) => `${path} has an exception for ${name} and does not use it`),
  );
}

/**
 * V8 puts a function that is assigned to a property as it is written among the old objects at once. All that it reaches, a
 * run with everything in it, then lives until the next full collection, and each collection of young objects copies it.
 */
export function heldFunctions(sources: Sources): readonly string[] {
  return [...sources].flatMap(([path, source]) =>
    path.startsWith('src/')
      ? source.heldFunctions.map(
          (line) => `${path}:${line} assigns a function to a property: name it with \`const\` first`,
        )
      : [],
  );
}

export function exportsWithoutNames(sources: Sources): readonly string[] {
  return [...sources].flatMap(([path, source]) => [
    ...source.starExports.map((line) => `${path}:${line} exports *: a reader cannot tell which names there are`),
    ...source.defaultExports.map(
      (line) => `${path}:${line} exports a default: every importer would give it another name`,
    ),
  ]);
}

export function strayDoors(sources: Sources): readonly string[] {
  const stray = [...sources.keys()].filter((path) => path.endsWith('/index.ts') && !doorFiles.includes(path));
  const missing = doorFiles.filter((path) => !sources.has(path));
  return [
    ...stray.map((path) => `${path} is not an entry point of the package: name the file by what is in it`),
    ...missing.map((path) => `${path} is an entry point of the package, and there is no such file`),
  ];
}

/** A file that no door and no command leads to is dead, whatever tests import it. */
export function unusedFiles(sources: Sources): readonly string[] {
  const used = reachable([...doorFiles, programEntry], sources);
  return [...sources.keys()]
    .filter((path) => !used.has(path))
    .map((path) => `${path} is used by no door and no command`);
}

export function strayFolders(sources: Sources): readonly string[] {
  return [...sources.keys()]
    .filter((path) => roomOf(path) === undefined && !/^src\/[^/]+$/.test(path))
    .map((path) => `${path} is in no room: give the folder its place in the order of rooms`);
}

export function bannedTextsIn(path: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    bannedTexts.flatMap(({ pattern, why }) => {
      const found = pattern.exec(line);
      return found === null ? [] : [`${path}:${index + 1} holds "${found[0]}": ${why}`];
    }),
  );
}

/** Phrases are found over the wraps of comments and pages. */
export function foreignPhrasesIn(path: string, text: string): readonly string[] {
  return foreignPhrases.flatMap(({ phrase, why }) =>
    [...text.matchAll(patternOf(phrase))].map(({ 0: found, index }) => {
      const line = text.slice(0, index).split('\n').length;
      return `${path}:${line} says "${found.replaceAll(/[\s/*>]+/g, ' ')}": ${why}`;
    }),
  );
}

const gap = '(?:[ \\t]+|[ \\t]*\\n[ \\t]*(?://|\\*|>)?[ \\t]*)';

function patternOf(phrase: string): RegExp {
  return new RegExp(`(?<![\\w-])${phrase.replaceAll(' ', gap)}(?![\\w-])`, 'g');
}

/** A page has one title: exactly one `#` heading, outside blocks of code. */
export function titleFaults(path: string, text: string): readonly string[] {
  const prose = text.replaceAll(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[ \t]*$/gm, '');
  const titles = prose.match(/^# .+$/gm) ?? [];
  return titles.length === 1 ? [] : [`${path} has ${titles.length} titles (lines that start with "# "), not one`];
}

function usesIn(sources: Sources, exception: Exception, name: string): boolean {
  return [...sources].some(([path, { banned }]) => covers(exception, path) && banned.some((use) => use.name === name));
}

function eachSpecifier(
  sources: Sources,
  fault: (path: string, specifier: string) => string | undefined,
): readonly string[] {
  return [...sources].flatMap(([path, source]) =>
    source.imports.flatMap(({ specifier, line }) => {
      const why = fault(path, specifier);
      return why === undefined ? [] : [`${path}:${line} imports ${specifier}: ${why}`];
    }),
  );
}
