// The graph of a fixture for each of its replays: first as the project loads it, or from fresh modules too, then from fresh ones.
import type { AnyGraph } from '../../src/index.ts';
import { FreshModules } from '../../src/explore/index.ts';
import type { ReplayReport } from '../../src/replay/index.ts';
import { graphOfFixture } from './graph-of-fixture.ts';
import { graphOfModule } from './load-graph.ts';
import type { Project } from './project.ts';

/** The graph that the command line names, by this address, if it names one. */
interface GivenGraph {
  /** It is loaded for the first look, since a replay sets the clocks that its module reads meanwhile. */
  readonly named: (() => Promise<AnyGraph>) | undefined;
  readonly address: string | undefined;
}

/** What this process has done in the modules that the project loads. */
export interface Used {
  /** It has run or replayed something in them. */
  readonly isUsed: boolean;
  /** Then the first look has fresh modules as well. */
  readonly isFirstFresh?: boolean;
}

export class GraphOfLooks implements Disposable {
  readonly #path: string;
  readonly #named: GivenGraph['named'];
  readonly #address: string | undefined;
  readonly #project: Project;
  #first: AnyGraph | undefined;
  #modules: FreshModules | undefined;
  #isShared = false;
  readonly #used: Used;

  constructor(path: string, { named, address }: GivenGraph, project: Project, used: Used) {
    this.#path = path;
    this.#named = named;
    this.#address = address;
    this.#project = project;
    this.#used = used;
  }

  async next(): Promise<AnyGraph> {
    if (this.#first !== undefined) return this.#fresh(this.#first);
    const load = this.#named ?? (() => graphOfFixture(this.#path, undefined, this.#project));
    const first = await load();
    this.#first = first;
    return this.#used.isUsed && this.#used.isFirstFresh === true ? this.#fresh(first) : first;
  }

  /** A loader may not load a module a second time. Then all looks share it, and what is told of them says so. */
  async #fresh(first: AnyGraph): Promise<AnyGraph> {
    try {
      this.#modules ??= new FreshModules();
      const modules = this.#modules;
      // Of the modules of the config only the one that is needed: Node keeps every copy.
      const source = await this.#project.sourceOfRun(first.name, this.#address);
      const graph = source && (await graphOfModule(source.path, source.exported, (url) => modules.load(url)));
      this.#isShared ||= graph === undefined || graph === first;
      return graph ?? first;
    } catch {
      this.#isShared = true;
      return first;
    }
  }

  /** A look that should have had fresh modules had none. */
  get isShared(): boolean {
    return this.#isShared;
  }

  told(report: ReplayReport): ReplayReport {
    if (report.looks === undefined) return report;
    if (this.#isShared) return { ...report, looks: { ...report.looks, modules: 'shared' } };
    return report;
  }

  [Symbol.dispose](): void {
    this.#modules?.[Symbol.dispose]();
  }
}
