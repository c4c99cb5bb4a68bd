import { isServerAddress, shownAddress } from '../terminal/words/server-address.ts';
import { relative, resolve } from 'node:path';
import type { AnyGraph } from '../../src/index.ts';
import { openRun } from '../../src/replay/index.ts';
import type { OpenRun, SharedLines } from '../../src/replay/index.ts';
import { loadConfig, startLoaders } from '../../src/config.ts';
import type { LoadedConfig } from '../../src/config.ts';
import { fixturePaths } from './fixture/fixture-paths.ts';
import { fileOfRevision } from './fixture/git-file.ts';
import type { GitFile } from './fixture/git-file.ts';
import {
  graphAddress,
  graphOfConfig,
  graphOfModule,
  graphsOfConfig,
  sourceOfConfig,
  sourceOfModule,
} from './load-graph.ts';
import type { GraphSource } from './load-graph.ts';
import type { Import } from '../../src/config.ts';
import { storePath } from './store/store-path.ts';
import { runSource } from './store/stored-run.ts';

const modulePath = 'path/to/graph.ts#export';

/**
 * `loaders`: those of `--import`, which the config itself may need. @throws RepriseError `config-invalid`, `module-unloadable`
 */
export async function openProject(cwd: string, loaders: readonly string[] = []): Promise<Project> {
  await startLoaders(loaders, cwd);
  const config = await loadConfig(cwd);
  await startLoaders(config.import ?? [], config.folder);
  return new Project(cwd, config);
}

/** The project around a working folder: what its config says, and what the names on a command line mean in it. */
export class Project {
  readonly config: LoadedConfig;
  readonly #cwd: string;
  readonly #load: Import | undefined;

  /** `load`: how modules with graphs are imported, if not as usual. */
  constructor(cwd: string, config: LoadedConfig, load?: Import) {
    this.config = config;
    this.#cwd = cwd;
    this.#load = load;
  }

  /** The same project, whose graphs are loaded in another way. */
  loadedBy(load: Import): Project {
    return new Project(this.#cwd, this.config, load);
  }

  /** A path as it is printed: relative to the working folder if it is inside it. */
  shorten(path: string): string {
    if (isServerAddress(path)) return shownAddress(path);
    const short = relative(this.#cwd, path);
    return short === '' || short.startsWith('..') ? path : short;
  }

  /** The store's file. `given`: the value of `--store`. @throws RepriseError `store-unreadable` */
  storePath(given: string | undefined): string {
    return storePath(given, this.config, this.#cwd);
  }

  /** The named fixtures, or those of the config if none are named. @throws RepriseError `usage` */
  fixturePaths(named: readonly string[]): readonly string[] {
    return fixturePaths(named, this.config, this.#cwd);
  }

  /**
   * Opens a run, named by its fixture or its ID in the store, to be read step by step. A stored one is read as a fixture
   * would hold it, unless it is wanted `raw`. `shared`: with another one, only to compare them.
   */
  async openRun(
    name: string,
    store: string,
    how: 'redacted' | 'raw' = 'redacted',
    shared?: SharedLines,
  ): Promise<OpenRun> {
    const inGit = fileOfRevision(name, this.#cwd);
    if (inGit !== undefined) return await openCopy(inGit, shared);
    const source = runSource(name, resolve(this.#cwd, name), store);
    const { redact = {} } = this.config;
    return await openRun(source.kind === 'stored' && how === 'redacted' ? { ...source, redact } : source, shared);
  }

  /** A graph named as `path/to/module.ts#export` or as in the config. @throws RepriseError `module-unloadable` */
  loadGraph(named: string): Promise<AnyGraph> {
    const address = graphAddress(named);
    return address.kind === 'configured'
      ? graphOfConfig(address.name, this.config, modulePath, { load: this.#load })
      : graphOfModule(resolve(this.#cwd, address.path), address.exported, this.#load);
  }

  /**
   * The code of a recorded run: the graph that `--graph` names, else the one in the config that the run names.
   *
   * @throws RepriseError `module-unloadable`
   */
  loadGraphOfRun(name: string, given: string | undefined): Promise<AnyGraph> {
    return given === undefined ? graphOfConfig(name, this.config, `--graph ${modulePath}`) : this.loadGraph(given);
  }

  /** Where the code of a recorded run is imported from; undefined if the config does not say. */
  async sourceOfRun(name: string, given: string | undefined): Promise<GraphSource | undefined> {
    const address = given === undefined ? undefined : graphAddress(given);
    if (address?.kind !== 'module') return await sourceOfConfig(address?.name ?? name, this.config);
    return await sourceOfModule(resolve(this.#cwd, address.path), name, address.exported);
  }

  /**
   * The code of one of several fixtures, which other modules of the config cannot stop.
   *
   * @throws RepriseError `module-unloadable`
   */
  loadGraphOfFixture(name: string): Promise<AnyGraph> {
    return graphOfConfig(name, this.config, `--graph ${modulePath}`, { needs: 'its own module', load: this.#load });
  }

  /** The graph that `--graph` names, else every graph of the config. @throws RepriseError `module-unloadable` */
  async loadGraphs(given?: string): Promise<readonly AnyGraph[]> {
    return given === undefined ? graphsOfConfig(this.config) : [await this.loadGraph(given)];
  }
}

/** Removes the copy when the run is closed, or cannot be opened. */
async function openCopy(file: GitFile, shared: SharedLines | undefined): Promise<OpenRun> {
  try {
    const opened = await openRun({ kind: 'fixture', path: file.path }, shared);
    const close = (): void => {
      opened.close();
      file[Symbol.dispose]();
    };
    return { ...opened, close };
  } catch (thrown) {
    file[Symbol.dispose]();
    throw thrown;
  }
}
