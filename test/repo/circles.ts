// Circles of imports: groups of files in which every file leads back to itself.

export type Graph = ReadonlyMap<string, readonly string[]>;

export interface Circle {
  /** Every file that is caught in it, sorted. */
  readonly files: readonly string[];
  /** The shortest way round through some of them; the first file is not named again at the end. */
  readonly way: readonly string[];
}

/** The circles of a graph, sorted by their first file. Edges to files outside the graph do not count. */
export function circlesOf(graph: Graph): readonly Circle[] {
  return components(graph)
    .map((files) => files.toSorted())
    .flatMap((files) => {
      const way = shortestWay(files, graph);
      return way === undefined ? [] : [{ files, way }];
    })
    .sort((left, right) => ((left.files[0] ?? '') < (right.files[0] ?? '') ? -1 : 1));
}

/** Strongly connected components, by Tarjan's algorithm. */
function components(graph: Graph): readonly (readonly string[])[] {
  const found: string[][] = [];
  const indexes = new Map<string, number>();
  const path: string[] = [];
  const onPath = new Set<string>();

  const visit = (file: string): number => {
    const index = indexes.size;
    indexes.set(file, index);
    path.push(file);
    onPath.add(file);
    let low = index;
    for (const next of graph.get(file) ?? []) {
      if (!graph.has(next)) continue;
      if (!indexes.has(next)) low = Math.min(low, visit(next));
      else if (onPath.has(next)) low = Math.min(low, indexes.get(next) ?? low);
    }
    if (low === index) {
      const component = path.splice(path.indexOf(file));
      for (const member of component) onPath.delete(member);
      found.push(component);
    }
    return low;
  };

  for (const file of graph.keys()) if (!indexes.has(file)) visit(file);
  return found;
}

/** Undefined for a component of one file that does not import itself. */
function shortestWay(files: readonly string[], graph: Graph): readonly string[] | undefined {
  const members = new Set(files);
  let shortest: readonly string[] | undefined;
  for (const file of files) {
    const way = wayBack(file, members, graph);
    if (way !== undefined && (shortest === undefined || way.length < shortest.length)) shortest = way;
  }
  return shortest;
}

/** The shortest way from a file back to itself, breadth first. */
function wayBack(start: string, members: ReadonlySet<string>, graph: Graph): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [start];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    for (const next of graph.get(at) ?? []) {
      if (next === start) return wayTo(at, start, cameFrom);
      if (!members.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      open.push(next);
    }
  }
  return undefined;
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [end];
  for (let at = end; at !== start; ) {
    const before = cameFrom.get(at);
    if (before === undefined) throw new Error(`no way leads to ${at}`);
    way.unshift(before);
    at = before;
  }
  return way;
}
