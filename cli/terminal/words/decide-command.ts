import { shellOption, shellWord } from './shell-word.ts';

/** The command that performs an effect in doubt again. */
export function decideCommand(runId: string, address: string, store: string | undefined): string {
  return `npx reprise resume ${shellWord(runId)} --decide ${shellWord(`${address}=retry`)}${shellOption('--store', store)}`;
}
