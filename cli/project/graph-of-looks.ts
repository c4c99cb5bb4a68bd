// The graph of a fixture for each of its replays: first as the project loads it, then from fresh modules.
import type { AnyGraph } from '../../src/index.ts';
import { FreshModules } from '../../src/explore/index.ts';
import type { ReplayReport } from '../../src/replay/index.ts';
import { graphOfFixture } from './graph-of-fixture.ts';
import type { Project } from './project.ts';

/** The graph that the command line names, by this address, if it names one. */
interface NamedGraph {
  readonly named: AnyGraph | undefined;
  readonly address: string | undefined;
}

export class GraphOfLooks implements Disposable {
  readonly #path: string;
  readonly #named: AnyGraph | undefined;
  readonly #address: string | undefined;
  readonly #project: Project;
  #first: AnyGraph | undefined;
  #modules: FreshModules | undefined;
  #isShared = false;
  readonly #isUsed: boolean;

  /** `isUsed`: this process has replayed another fixture before it. */
  constructor(path: string, { named, address }: NamedGraph, project: Project, isUsed: boolean) {
    this.#path = path;
    this.#named = named;
    this.#address = address;
    this.#project = project;
    this.#isUsed = isUsed;
  }

  async next(): Promise<AnyGraph> {
    if (this.#first !== undefined) return this.#fresh(this.#first);
    this.#first = this.#named ?? (await graphOfFixture(this.#path, undefined, this.#project));
    return this.#first;
  }

  /** A loader may not load a module a second time. Then both looks share it, and the report says so. */
  async #fresh(first: AnyGraph): Promise<AnyGraph> {
    try {
      this.#modules ??= new FreshModules();
      const modules = this.#modules;
      const graph = await graphOfFixture(
        this.#path,
        this.#address,
        this.#project.loadedBy((url) => modules.load(url)),
      );
      this.#isShared ||= graph === first;
      return graph;
    } catch {
      this.#isShared = true;
      return first;
    }
  }

  told(report: ReplayReport): ReplayReport {
    if (report.looks === undefined) return report;
    if (this.#isShared) return { ...report, looks: { ...report.looks, modules: 'shared' } };
    return this.#isUsed ? { ...report, looks: { ...report.looks, isFirstUsed: true } } : report;
  }

  [Symbol.dispose](): void {
    this.#modules?.[Symbol.dispose]();
  }
}
