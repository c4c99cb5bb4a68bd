// Who imports whom inside the repository.
import { posix } from 'node:path';
import type { Graph } from './circles.ts';
import { rooms } from './rules.ts';
import type { Room } from './rules.ts';
import type { Import, Sources } from './source-file.ts';

/** The file that a relative specifier names; undefined for packages and for Node's own modules. */
export function targetOf(path: string, { specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

/** The package's name: `msw` of `msw/node`, `@scope/name` of `@scope/name/part`; undefined for anything else. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function roomOf(path: string): Room | undefined {
  return rooms.find((room) => path.startsWith(`${room}/`));
}

/** Which files each file imports, by whatever form of import. */
export function importGraph(sources: Sources): Graph {
  return new Map(
    [...sources].map(([path, { imports }]) => [path, imports.flatMap((imported) => targetOf(path, imported) ?? [])]),
  );
}

/** Every file that the entries lead to, themselves included. */
export function reachable(entries: Iterable<string>, sources: Sources): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const source = sources.get(path);
    if (source === undefined || found.has(path)) continue;
    found.add(path);
    for (const imported of source.imports) {
      const target = targetOf(path, imported);
      if (target !== undefined) open.push(target);
    }
  }
  return found;
}

/** The faults of imports, each with its place. */
export function eachImport(
  sources: Sources,
  fault: (path: string, target: string) => string | undefined,
): readonly string[] {
  return [...sources].flatMap(([path, source]) =>
    source.imports.flatMap((imported) => {
      const target = targetOf(path, imported);
      const why = target === undefined ? undefined : fault(path, target);
      return why === undefined ? [] : [`${path}:${imported.line} imports ${target}: ${why}`];
    }),
  );
}
