// Replays fixtures that were just written, and says in one line how that went.
import type { AnyGraph } from '../../src/index.ts';
import { replay } from '../../src/replay/index.ts';
import type { ReplayReport } from '../../src/replay/index.ts';
import { divergenceSentence, oneLine, outsideText } from '../../src/report/index.ts';
import { comparisonIn } from './store/engine-of.ts';
import { GraphOfLooks } from './graph-of-looks.ts';
import type { Project } from './project.ts';
import { redactOf } from './redact-of.ts';
import { graphAddress } from './load-graph.ts';
import { shellWord } from '../terminal/words/shell-word.ts';

interface KnownGraph {
  readonly graph: AnyGraph | undefined;
  readonly address?: string | undefined;
}

export class ExportedReplay {
  readonly #project: Project;
  readonly #named: AnyGraph | undefined;
  readonly #address: string | undefined;
  /** How often nodes ran again. */
  count = 0;
  #isOfMarks = false;
  /** What the last fixture has that looks like no part of a run. */
  #outside: string | undefined;

  /** `named`: the graph of all of them, by this address, if it is not to be looked up in the config. */
  constructor(project: Project, named: KnownGraph) {
    this.#project = project;
    this.#named = named.graph;
    this.#address = named.graph === undefined ? undefined : named.address;
  }

  /** `replays`, or what stands in the way. */
  async verdict(path: string, graphName: string): Promise<string> {
    const graph = this.#named ?? (await this.#project.loadGraphOfFixture(graphName).catch(failed));
    if (graph instanceof Failed) return `not replayed: ${graph.reason}; with --graph it would be`;
    // What runs of this process left in variables of modules is in no fixture, nor when its modules were loaded.
    const used = { isUsed: true, isFirstFresh: true };
    const named = { named: async () => graph, address: this.#address };
    using looks = new GraphOfLooks(path, named, this.#project, used);
    const { config } = this.#project;
    // Lenient, so that it comes to each task that comes out otherwise.
    const options = { seal: 'process', strictness: 'lenient', ...redactOf(config), ...comparisonIn(config) } as const;
    const replayed = await replay(() => this.#counted(looks), path, options).catch(failed);
    this.#isOfMarks = false;
    this.#outside = undefined;
    if (replayed instanceof Failed) return `does not replay: ${replayed.reason}`;
    const { verdict, divergences } = replayed.report;
    this.#outside = verdict === 'diverged' ? outsideText({ divergences }) : undefined;
    const hasRules = config.redact !== undefined || (replayed.report.redacted ?? 0) > 0;
    this.#isOfMarks = hasRules && verdict === 'diverged' && divergences.some(({ kind }) => kind !== 'graph');
    return verdictOf(replayed.report);
  }

  /**
   * What to do if the last fixture does not replay because of a request that depends on the process, or of its marks: code
   * that made a run just now makes something else of the same values, unless they are not the same.
   */
  nextStep(path: string): string {
    if (this.#outside !== undefined) return this.#outside;
    if (!this.#isOfMarks) return '';
    const graph =
      this.#address === undefined || graphAddress(this.#address).kind === 'configured'
        ? ''
        : ` --graph ${shellWord(this.#address)}`;
    return (
      '  next: the fixture holds marks in place of what is redacted, and the node made something of one. If that is right too,\n' +
      `        accept it: npx reprise replay ${shellWord(path)}${graph} --update\n` +
      '        If not, let the rule leave what the node needs: a function in `redact.values` finds a part of a value.\n'
    );
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
