// Replays fixtures that were just exported, and says in one line how that went.
import type { AnyGraph } from '../../src/index.ts';
import { replay } from '../../src/replay/index.ts';
import { divergenceSentence, oneLine } from '../../src/report/index.ts';
import { rulesIn } from './engine-of.ts';
import type { Project } from './project.ts';

export class ExportedReplay {
  readonly #project: Project;
  readonly #named: AnyGraph | undefined;

  /** `named`: the graph of all of them, if it is not to be looked up in the config. */
  constructor(project: Project, named: AnyGraph | undefined) {
    this.#project = project;
    this.#named = named;
  }

  /** `replays`, or what stands in the way. */
  async verdict(path: string, graphName: string): Promise<string> {
    const graph = this.#named ?? (await this.#project.loadGraphOfFixture(graphName).catch(failed));
    if (graph instanceof Failed) return `not replayed: ${graph.reason}`;
    const replayed = await replay(graph, path, { seal: 'process', ...rulesIn(this.#project.config) }).catch(failed);
    if (replayed instanceof Failed) return `does not replay: ${replayed.reason}`;
    const { verdict, divergences } = replayed.report;
    if (verdict === 'same') return 'replays';
    const first = divergences.find(({ kind }) => kind !== 'graph') ?? divergences[0];
    return `does not replay: ${first === undefined ? 'it comes out differently' : divergenceSentence(first)}`;
  }
}

class Failed {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function failed(thrown: unknown): Failed {
  return new Failed(oneLine(thrown instanceof Error ? thrown.message : String(thrown)));
}
