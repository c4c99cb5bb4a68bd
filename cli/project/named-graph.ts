// The graph that `--graph` names for several fixtures, loaded with the first of them.
import type { AnyGraph } from '../../src/index.ts';
import type { Project } from './project.ts';

export class NamedGraph {
  readonly #address: string;
  readonly #project: Project;
  /** Why it cannot be loaded. That is no fault of one fixture. */
  #fault: { readonly thrown: unknown } | undefined;

  constructor(address: string, project: Project) {
    this.#address = address;
    this.#project = project;
  }

  readonly load = async (): Promise<AnyGraph> => {
    try {
      return await this.#project.loadGraph(this.#address);
    } catch (thrown) {
      this.#fault = { thrown };
      throw thrown;
    }
  };

  isFault(thrown: unknown): boolean {
    return this.#fault?.thrown === thrown;
  }
}

/** Undefined without an address. */
export function namedGraph(address: string | undefined, project: Project): NamedGraph | undefined {
  return address === undefined ? undefined : new NamedGraph(address, project);
}
