// Which ways through a graph the fixtures of a folder go already.
import type { RunStore, RunSummary } from '../../src/index.ts';
import { fixtureFolder } from '../../src/record/index.ts';
import { waysOfFixture, waysOfStored } from '../../src/replay/index.ts';
import { filesMatching } from '../../src/config.ts';

export class KnownWays {
  readonly #folder: string;
  /** By the name of the graph. */
  readonly #known = new Map<string, Set<string>>();

  /** `folder`: that of all fixtures, with one below for each graph. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The ways of a run that no fixture goes. */
  async newIn(store: RunStore, { runId, graph }: RunSummary): Promise<readonly string[]> {
    const known = await this.#of(graph);
    return [...(await waysOfStored(store, runId))].filter((way) => !known.has(way));
  }

  /** A fixture that goes these ways was written. */
  add(graph: string, ways: readonly string[]): void {
    for (const way of ways) this.#known.get(graph)?.add(way);
  }

  async #of(graph: string): Promise<ReadonlySet<string>> {
    const known = this.#known.get(graph);
    if (known !== undefined) return known;
    const found = new Set<string>();
    for (const path of filesMatching('*.run.jsonl{,.zst}', fixtureFolder(this.#folder, graph)))
      for (const way of await waysOfFixture(path)) found.add(way);
    this.#known.set(graph, found);
    return found;
  }
}
