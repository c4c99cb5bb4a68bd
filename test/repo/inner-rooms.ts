// How the files of one room may import each other: along its levels, and never in a circle.
import { circlesOf } from './circles.ts';
import { eachImport, importGraph } from './import-graph.ts';
import { covers, innerRooms, isCovered } from './rules.ts';
import type { InnerRooms } from './rules.ts';
import type { Sources } from './source-file.ts';

/** Imports that point up inside a room, and files that have no level there. */
export function upwardInnerImports(sources: Sources, orders: readonly InnerRooms[] = innerRooms): readonly string[] {
  return orders.flatMap((order) => [
    ...placelessFiles(sources, order),
    ...eachImport(sources, (path, target) =>
      isCovered(order.exceptions, path) ? undefined : upwardInside(order, path, target),
    ),
  ]);
}

/** Files that lead back to themselves, types counted: they can only be read, tested and changed together. */
export function importCircles(sources: Sources): readonly string[] {
  return circlesOf(importGraph(sources)).map(({ files, way }) => {
    const around = [...way, way[0]].join(' → ');
    return `${around} is a circle${files.length > way.length ? ` in a tangle of ${files.length} files` : ''}`;
  });
}

/** Exceptions from the order of a room that nothing needs any more. */
export function needlessInnerExceptions(
  sources: Sources,
  orders: readonly InnerRooms[] = innerRooms,
): readonly string[] {
  return orders.flatMap((order) =>
    (order.exceptions ?? [])
      .filter((exception) => {
        const upward = eachImport(sources, (path, target) =>
          covers(exception, path) ? upwardInside(order, path, target) : undefined,
        );
        return upward.length === 0;
      })
      .map(({ path }) => `${path} has an exception from the order of ${order.room} and keeps to it`),
  );
}

function placelessFiles(sources: Sources, order: InnerRooms): readonly string[] {
  return [...sources.keys()]
    .filter((path) => path.startsWith(order.room) && levelOf(order, path) === -1)
    .map((path) => `${path} has no level in ${order.room}: give it its place in the order`);
}

function upwardInside(order: InnerRooms, path: string, target: string): string | undefined {
  if (!path.startsWith(order.room) || !target.startsWith(order.room)) return undefined;
  return levelOf(order, target) > levelOf(order, path) ? `it points up in the order of ${order.room}` : undefined;
}

function levelOf({ room, levels }: InnerRooms, path: string): number {
  const name = path.slice(room.length);
  const named = levels.findIndex((level) =>
    [level].flat().some((part) => (part.endsWith('/') ? name.startsWith(part) : name === part)),
  );
  return named !== -1 || name.includes('/') ? named : levels.indexOf('*');
}
