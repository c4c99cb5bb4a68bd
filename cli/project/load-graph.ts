// Finds the graph that a command names: `path/to/module.ts#export`, or a name among the config's graphs.
import { RepriseError, nearestName } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import type { LoadedConfig } from '../../src/config.ts';
import { filesMatching } from '../../src/config.ts';
import { importModule } from '../../src/config.ts';
import type { Import } from '../../src/config.ts';

/** A graph as it is written on the command line. */
export type GraphAddress =
  | { readonly kind: 'configured'; readonly name: string }
  /** `exported` may be left out if the module exports a single graph. */
  | { readonly kind: 'module'; readonly path: string; readonly exported: string | undefined };

export function graphAddress(text: string): GraphAddress {
  const mark = text.lastIndexOf('#');
  if (mark >= 0) return { kind: 'module', path: text.slice(0, mark), exported: text.slice(mark + 1) };
  return /\.[cm]?[jt]s$/.test(text)
    ? { kind: 'module', path: text, exported: undefined }
    : { kind: 'configured', name: text };
}

/** @throws RepriseError `module-unloadable`, and what the module itself caused */
export async function graphOfModule(path: string, exported: string | undefined, load?: Import): Promise<AnyGraph> {
  const graphs = new Map<string, AnyGraph>();
  for (const [name, value] of Object.entries(await importModule(path, load)))
    if (isGraph(value)) graphs.set(name, value);
  const names = [...graphs.keys()];
  const chosen = exported ?? (names.length === 1 ? names[0] : undefined);
  const found = chosen === undefined ? undefined : graphs.get(chosen);
  if (found !== undefined) return found;
  throw new RepriseError('module-unloadable', exportFault(path, exported, names), {
    nextStep: names.length === 0 ? 'Export the graph that `.build()` returns.' : `Write ${path}#${names[0]}.`,
  });
}

function exportFault(path: string, exported: string | undefined, names: readonly string[]): string {
  if (names.length === 0) return `the module ${path} exports no graph${exported === undefined ? '' : ` "${exported}"`}`;
  return exported === undefined
    ? `the module ${path} exports several graphs: ${names.join(', ')}`
    : `the module ${path} exports no graph "${exported}", only ${names.join(', ')}`;
}

/**
 * A graph of the config by its name. `instead`: how to write a module on the command line. `needs`: which modules of the
 * config must be sound.
 *
 * @throws RepriseError `module-unloadable`, `config-invalid`
 */
export async function graphOfConfig(
  name: string,
  config: LoadedConfig,
  instead: string,
  {
    needs = 'every module',
    load,
  }: { readonly needs?: 'every module' | 'its own module'; readonly load?: Import | undefined } = {},
): Promise<AnyGraph> {
  if (config.path === undefined) {
    throw new RepriseError(
      'module-unloadable',
      `unknown graph "${name}": there is no reprise.config.ts in this folder or above it`,
      { nextStep: `Name the module: ${instead}.` },
    );
  }
  const { graphs, faults } = await importGraphs(config, load);
  const found = graphs.find((graph) => graph.name === name);
  // The graph may be one of a module that cannot be imported.
  if (faults.length > 0 && (found === undefined || needs === 'every module')) throw faults[0];
  if (found !== undefined) return found;
  throw new RepriseError('module-unloadable', `no module listed in ${config.path} exports a graph "${name}"`, {
    nextStep: `${hintFor(
      name,
      graphs.map((graph) => graph.name),
    )}Otherwise, name the module: ${instead}.${needs === 'its own module' ? ` If "${name}" was renamed, that with --update accepts the name.` : ''}`,
  });
}

function hintFor(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `Did you mean "${nearest}"? `;
  const has = known.length === 0 ? '' : `The config has ${known.join(', ')}. `;
  return `${has}Add its module to \`graphs\` in the config. `;
}

/** Where the module of a graph is, and under which name it exports it. */
export interface GraphSource {
  readonly path: string;
  readonly exported: string;
}

/** `name`: of a graph of the config. Undefined if no module that can be imported exports it. */
export async function sourceOfConfig(name: string, config: LoadedConfig): Promise<GraphSource | undefined> {
  return (await importGraphs(config)).sources.get(name);
}

/** The name under which a module exports a graph, if it is not given. */
export async function sourceOfModule(path: string, graph: string, exported: string | undefined): Promise<GraphSource> {
  const found = Object.entries(await importModule(path)).find(([, value]) => isGraph(value) && value.name === graph);
  return { path, exported: exported ?? found?.[0] ?? graph };
}

/** All graphs of the config, each under its own name. @throws RepriseError `module-unloadable`, `config-invalid` */
export async function graphsOfConfig(config: LoadedConfig): Promise<readonly AnyGraph[]> {
  const { graphs, faults } = await importGraphs(config);
  if (faults.length > 0) throw faults[0];
  return graphs;
}

/** A glob finds tests beside graphs too, and only a test runner can import them. */
const isTest = /\.(?:test|spec)\.[cm]?[jt]sx?$/;

/** The graphs of the modules that can be imported, and why the others cannot. @throws RepriseError `config-invalid` */
async function importGraphs(
  config: LoadedConfig,
  load?: Import,
): Promise<{
  readonly graphs: readonly AnyGraph[];
  readonly faults: readonly unknown[];
  readonly sources: ReadonlyMap<string, GraphSource>;
}> {
  const graphs = new Map<string, AnyGraph>();
  const sources = new Map<string, GraphSource>();
  const faults: unknown[] = [];
  for (const path of filesMatching(config.graphs ?? [], config.folder)) {
    if (isTest.test(path)) continue;
    let exports: Readonly<Record<string, unknown>>;
    try {
      exports = await importModule(path, load);
    } catch (thrown) {
      faults.push(thrown);
      continue;
    }
    for (const [name, exported] of Object.entries(exports)) {
      if (!isGraph(exported)) continue;
      if (!sources.has(exported.name)) sources.set(exported.name, { path, exported: name });
      // The same graph may be exported again by another module.
      if ((graphs.get(exported.name) ?? exported) !== exported) throw sameNameError(exported.name, path);
      graphs.set(exported.name, exported);
    }
  }
  return { graphs: [...graphs.values()], faults, sources };
}

function sameNameError(name: string, path: string): RepriseError {
  return new RepriseError('config-invalid', `two graphs are named "${name}"; the second is in ${path}`, {
    nextStep: 'Rename one of them, or make `graphs` in the config match only one.',
    fields: { name, path },
  });
}

/** Recognises graphs by their shape: the project may have another copy of Reprise than the command line. */
function isGraph(value: unknown): value is AnyGraph {
  return (
    typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'graph' && 'spec' in value
  );
}
