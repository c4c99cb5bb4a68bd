import { shellOption, shellWord } from './shell-word.ts';

/** The command that sends a signal to a run. */
export function sendCommand(runId: string, name: string, store: string | undefined): string {
  return `npx reprise send ${shellWord(runId)} ${shellWord(name)}${shellOption('--store', store)}`;
}
