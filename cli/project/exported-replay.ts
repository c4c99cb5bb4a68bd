// Replays fixtures that were just written, and says in one line how that went.
import type { AnyGraph } from '../../src/index.ts';
import { replay } from '../../src/replay/index.ts';
import type { ReplayReport } from '../../src/replay/index.ts';
import { divergenceSentence, oneLine } from '../../src/report/index.ts';
import { comparisonIn } from './engine-of.ts';
import { GraphOfLooks } from './graph-of-looks.ts';
import type { Project } from './project.ts';
import { redactOf } from './redact-of.ts';

export class ExportedReplay {
  readonly #project: Project;
  readonly #named: AnyGraph | undefined;
  readonly #address: string | undefined;
  /** How often nodes ran again. */
  count = 0;

  /** `named`: the graph of all of them, by this address, if it is not to be looked up in the config. */
  constructor(project: Project, named: AnyGraph | undefined, address?: string) {
    this.#project = project;
    this.#named = named;
    this.#address = named === undefined ? undefined : address;
  }

  /** `replays`, or what stands in the way. */
  async verdict(path: string, graphName: string): Promise<string> {
    const graph = this.#named ?? (await this.#project.loadGraphOfFixture(graphName).catch(failed));
    if (graph instanceof Failed) return `not replayed: ${graph.reason}; with --graph it would be`;
    using looks = new GraphOfLooks(path, { named: graph, address: this.#address }, this.#project, this.count > 0);
    const { config } = this.#project;
    // Lenient, so that it comes to each task that comes out otherwise.
    const options = { seal: 'process', strictness: 'lenient', ...redactOf(config), ...comparisonIn(config) } as const;
    const replayed = await replay(() => this.#counted(looks), path, options).catch(failed);
    if (replayed instanceof Failed) return `does not replay: ${replayed.reason}`;
    return verdictOf(replayed.report);
  }

  #counted(looks: GraphOfLooks): Promise<AnyGraph> {
    this.count += 1;
    return looks.next();
  }
}

/** Names the first of each task that comes out otherwise: where values were redacted, each may depend on one. */
function verdictOf({ verdict, divergences }: ReplayReport): string {
  if (verdict === 'same') return 'replays';
  if (verdict === 'not deterministic') return 'does not replay: it comes out differently from one time to the next';
  const causes = divergences.filter(({ kind, follows }) => kind !== 'graph' && follows === undefined);
  const shown = new Map(causes.map((cause) => [cause.at, cause] as const).reverse());
  const sentences = [...shown.values()].reverse().slice(0, shownMax).map(divergenceSentence);
  return `does not replay: ${sentences.length === 0 ? 'it comes out differently' : sentences.join('; ')}`;
}

const shownMax = 5;

class Failed {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function failed(thrown: unknown): Failed {
  return new Failed(oneLine(thrown instanceof Error ? thrown.message : String(thrown)));
}
