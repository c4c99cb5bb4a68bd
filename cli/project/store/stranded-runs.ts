// What to say of runs that are due and that no live worker has code for.
import { liveWorkersOf, strandedRunsOf } from '../../../src/index.ts';
import type { AnyGraph, RunStore } from '../../../src/index.ts';
import { oneLine } from '../../../src/report/index.ts';
import { openStore } from './open-store.ts';
import { counted } from '../../terminal/words/counted.ts';
import { shellOption, shellWord } from '../../terminal/words/shell-word.ts';

/** More than these are not counted. */
const countMax = 1_000;

/** Names runs of these graphs that are due and were not taken: a worker was refused them before. Undefined if there are none. */
export async function leftOut(path: string, graphs: readonly AnyGraph[]): Promise<string | undefined> {
  const store = openStore(path, 'read');
  try {
    const names = graphs.map(({ name }) => name);
    const runs = (await strandedRunsOf(store, countMax)).filter(({ graph }) => names.includes(graph));
    const [first] = runs;
    if (first === undefined) return undefined;
    const those =
      runs.length === 1
        ? `run ${oneLine(first.runId)} is due, and was`
        : `run ${oneLine(first.runId)} and ${runs.length - 1} more are due, and were`;
    const command = `npx reprise resume ${shellWord(first.runId)}${shellOption('--store', path)}`;
    return `${those} refused before, since the graph has changed: \`${command}\` says where, and \`--force\` continues anyway`;
  } finally {
    await store.close();
  }
}

/** Workers live, and none of them has code for it, though it is due. */
export async function isStranded(store: RunStore, runId: string): Promise<boolean> {
  if ((await liveWorkersOf(store)).every(({ graphs }) => graphs.length === 0)) return false;
  return (await strandedRunsOf(store, countMax)).some((run) => run.runId === runId);
}

export interface StrandedFinding {
  /** A note where no worker lives at all: perhaps none is wanted. */
  readonly level: 'note' | 'problem';
  readonly text: string;
}

/** One for each graph that is missing. `named`: the store as the user has named it. */
export async function strandedFindings(
  store: RunStore,
  named: string | undefined,
): Promise<readonly StrandedFinding[]> {
  const runs = await strandedRunsOf(store, countMax);
  const option = shellOption('--store', named);
  if (runs.length > 0 && (await liveWorkersOf(store)).every(({ graphs }) => graphs.length === 0)) {
    const many = runs.length === countMax ? `${countMax} runs or more` : counted(runs.length, 'run');
    return [{ level: 'note', text: `due, and no worker lives: ${many}. Start a worker: npx reprise work${option}` }];
  }
  const byGraph = Map.groupBy(runs, ({ graph, fingerprint }) => JSON.stringify([graph, fingerprint]));
  return [...byGraph.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { runId, graph, fingerprint } = first;
    const those =
      group.length === 1 ? `run ${oneLine(runId)} is` : `run ${oneLine(runId)} and ${group.length - 1} more are`;
    const which = `${oneLine(graph)}${fingerprint === undefined ? '' : ` (${oneLine(fingerprint)})`}`;
    return [
      {
        level: 'problem',
        text: `${those} due, and no live worker has code for graph ${which}. Start a worker with that code, or continue with the code of today: npx reprise resume ${shellWord(runId)} --force${option}${group.length === 1 ? '' : `. List them: npx reprise list --stranded${option}`}`,
      } as const,
    ];
  });
}
