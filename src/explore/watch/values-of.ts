// What the variables of a graph hold at one moment.
import type { AnyGraph } from '../../graph/built-graph.ts';
import { liveEnvironment } from '../../live/environment.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import type { WrittenVariable } from '../../report/explore/explore-facts.ts';
import type { VariableName } from './variable.ts';
import { variableId } from './variable.ts';
import { Watch } from './watch.ts';

/** By `idOf` each; undefined where they cannot be read. */
export function valuesOf(graph: AnyGraph): ReadonlyMap<string, string> | undefined {
  const watch = Watch.open(graph.spec, liveEnvironment());
  if ('reason' in watch) return undefined;
  try {
    const values = new Map<string, string>();
    for (const { variable, text } of watch.reading.values.values()) {
      const id = idOf({ ...variable, file: shownFile(variable) });
      values.set(id, `${values.get(id) ?? ''}\n${text}`);
    }
    return values;
  } finally {
    watch.close();
  }
}

/** The same for every copy of the file. */
export function idOf({ name, file, scope }: Pick<WrittenVariable, 'name' | 'file' | 'scope'>): string {
  return variableId({ name, file, scope });
}

export function shownFile({ file }: VariableName): string {
  return file === '' ? '' : liveSourcePaths.nameOf(file);
}
