import type { RunSummary } from '../../../src/index.ts';
import { shellOption, shellWord } from './shell-word.ts';

/** What becomes of a run after something was sent to it, as talk. */
export function nextOfRun({ runId, status }: RunSummary, store: string | undefined): string {
  if (status === 'running') return '  next: the process driving it takes it within a second\n';
  const resume = `npx reprise resume ${shellWord(runId)}${shellOption('--store', store)}`;
  return `  next: \`npx reprise work\` resumes it, or: ${resume}\n`;
}
