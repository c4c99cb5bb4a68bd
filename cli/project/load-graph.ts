// Finds the graph that a command names: `path/to/module.ts#export`, or a name among the config's graphs.
import { resolve } from 'node:path';
import { RepriseError, nearestName } from '../../src/index.ts';
import type { AnyGraph } from '../../src/index.ts';
import { filesOf, importModule } from './config.ts';
import type { LoadedConfig } from './config.ts';

/** @throws RepriseError `module-unloadable` */
export async function loadGraph(given: string, config: LoadedConfig, cwd: string): Promise<AnyGraph> {
  const mark = given.lastIndexOf('#');
  if (mark < 0 && !/\.[cm]?[jt]s$/.test(given)) return graphOfConfig(given, config, 'path/to/graph.ts#export');
  const path = resolve(cwd, mark < 0 ? given : given.slice(0, mark));
  const loaded = await importModule(path);
  const graphs = Object.entries(loaded).filter((entry): entry is [string, AnyGraph] => isGraph(entry[1]));
  const name = mark < 0 ? undefined : given.slice(mark + 1);
  const chosen =
    name === undefined ? (graphs.length === 1 ? graphs[0] : undefined) : graphs.find(([exported]) => exported === name);
  if (chosen !== undefined) return chosen[1];
  throw new RepriseError(
    'module-unloadable',
    noSuchExport(
      path,
      name,
      graphs.map(([exported]) => exported),
    ),
    {
      nextStep: graphs.length === 0 ? 'Export what `.build()` gives.' : `Write ${path}#${graphs[0]?.[0]}.`,
    },
  );
}

/** The code of a recorded run: what `--graph` names, else the graph of its name. @throws RepriseError `module-unloadable` */
export function graphOfRun(
  name: string,
  given: string | undefined,
  config: LoadedConfig,
  cwd: string,
): Promise<AnyGraph> {
  return given === undefined
    ? graphOfConfig(name, config, '--graph path/to/graph.ts#export')
    : loadGraph(given, config, cwd);
}

/** `instead`: what to write to name the module. */
async function graphOfConfig(name: string, config: LoadedConfig, instead: string): Promise<AnyGraph> {
  if (config.path === undefined) {
    throw new RepriseError(
      'module-unloadable',
      `"${name}" is no graph that is known here: there is no reprise.config.ts above this folder`,
      {
        nextStep: `Name the module: ${instead}.`,
      },
    );
  }
  const known = await graphsOfConfig(config);
  const found = known.get(name);
  if (found !== undefined) return found;
  const nearest = nearestName(name, known.keys());
  throw new RepriseError('module-unloadable', `no module that ${config.path} names exports a graph "${name}"`, {
    nextStep: `${nearest === undefined ? `Known are ${[...known.keys()].join(', ') || 'none'}.` : `Did you mean "${nearest}"?`} Else name the module: ${instead}.`,
  });
}

/** All graphs of the config by name. @throws RepriseError `module-unloadable`, `config-invalid` */
export async function graphsOfConfig(config: LoadedConfig): Promise<ReadonlyMap<string, AnyGraph>> {
  const graphs = new Map<string, AnyGraph>();
  for (const path of filesOf(config.graphs ?? [], config.folder)) {
    for (const exported of Object.values(await importModule(path))) {
      if (!isGraph(exported)) continue;
      if ((graphs.get(exported.name) ?? exported) !== exported) throw twiceError(exported.name, path);
      graphs.set(exported.name, exported);
    }
  }
  return graphs;
}

function twiceError(name: string, path: string): RepriseError {
  return new RepriseError('config-invalid', `two graphs are called "${name}", the second one in ${path}`, {
    nextStep: 'Rename one, or let `graphs` of the config match only one of them.',
    fields: { name, path },
  });
}

function isGraph(value: unknown): value is AnyGraph {
  return (
    typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'graph' && 'spec' in value
  );
}

function noSuchExport(path: string, name: string | undefined, exported: readonly string[]): string {
  if (name !== undefined)
    return `the module ${path} exports no graph "${name}"${exported.length === 0 ? '' : `, but ${exported.join(', ')}`}`;
  return exported.length === 0
    ? `the module ${path} exports no graph`
    : `the module ${path} exports several graphs: ${exported.join(', ')}`;
}
