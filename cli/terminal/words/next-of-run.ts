import type { RunSummary } from '../../../src/index.ts';
import { shellOption, shellWord } from './shell-word.ts';

/** Where a command finds what it needs to continue a run. */
export interface Continuing {
  readonly store: string | undefined;
  /** Whether the config says where graphs are. Without one, commands are told. */
  readonly hasGraphs: boolean;
}

/** What becomes of a run after something was sent to it, as talk. */
export function nextOfRun({ runId, status }: RunSummary, { store, hasGraphs }: Continuing): string {
  if (status === 'running') return '  next: the process driving it takes it within a second\n';
  const options = `${shellOption('--store', store)}${hasGraphs ? '' : ' --graph path/to/graph.ts#export'}`;
  return `  next: \`npx reprise work${options}\` resumes it, or: npx reprise resume ${shellWord(runId)}${options}\n`;
}
