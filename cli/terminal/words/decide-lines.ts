import { shellOption, shellWord } from './shell-word.ts';

/** What to do about an effect in doubt, in lines: to perform it again is wrong if it did happen. */
export function decideLines(runId: string, address: string, store: string | undefined): string {
  const command = `npx reprise resume ${shellWord(runId)} --decide ${shellWord(`${address}=retry`)}${shellOption('--store', store)}`;
  return `  find out whether it happened; if it did, decide {"value": …}, what it gave, in place of retry\n  next: ${command}\n`;
}
