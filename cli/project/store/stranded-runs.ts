// What to say of runs that are due and that no live worker can drive.
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
    return `${those} refused before, since the code has changed: \`${command}\` says where, and \`--force\` continues anyway`;
  } finally {
    await store.close();
  }
}

/** How the live workers leave a run that is due: they lack its graph, or their code cannot continue it. */
export type Stranding = 'stranded' | 'left alone';

/** Undefined where one of them takes it, or none lives. */
export async function strandingOf(store: RunStore, runId: string): Promise<Stranding | undefined> {
  if ((await liveWorkersOf(store)).every(({ graphs }) => graphs.length === 0)) return undefined;
  const found = (await strandedRunsOf(store, countMax)).find((run) => run.runId === runId);
  if (found === undefined) return undefined;
  return found.isLeftAlone === true ? 'left alone' : 'stranded';
}

/** What continues a run that live workers leave alone. `resume`: the command, without `--force`. */
export function leftAloneText(resume: string): string {
  return `see why: ${resume}. Start a worker with the code that it was driven by, or accept what the code does now: ${resume} --force. That performs what the code calls now, so an effect which has got another name or request, such as a renamed charge, happens again`;
}

export interface StrandedFinding {
  /** A note where no worker lives at all: perhaps none is wanted. */
  readonly level: 'note' | 'problem';
  readonly text: string;
}

/**
 * One for each graph that is missing, and for each whose workers leave runs alone. `named`: the store as the user has named it.
 */
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
  const byGraph = Map.groupBy(runs, ({ graph, fingerprint, isLeftAlone = false }) =>
    JSON.stringify([graph, fingerprint, isLeftAlone]),
  );
  return [...byGraph.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { runId, graph, fingerprint, isLeftAlone } = first;
    const those =
      group.length === 1 ? `run ${oneLine(runId)} is` : `run ${oneLine(runId)} and ${group.length - 1} more are`;
    const which = `${oneLine(graph)}${fingerprint === undefined ? '' : ` (${oneLine(fingerprint)})`}`;
    const resume = `npx reprise resume ${shellWord(runId)}`;
    const why =
      isLeftAlone === true
        ? `${those} due, and no live worker with graph ${which} can continue ${group.length === 1 ? 'it' : 'them'} with its code; ${leftAloneText(`${resume}${option}`)}`
        : `${those} due, and no live worker has code for graph ${which}. Start a worker with that code, or continue with the code of today: ${resume} --force${option}`;
    const all = group.length === 1 ? '' : `. List them: npx reprise list --stranded${option}`;
    return [{ level: 'problem', text: `${why}${all}` } as const];
  });
}
