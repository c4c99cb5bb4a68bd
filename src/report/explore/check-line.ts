import type { ExploreFacts } from './explore-facts.ts';
import { shellOption, shellWord } from '../text/shell-word.ts';

/** The command that shows again what an exploration has found. `graph`: as the option of that name. */
export function checkLine({ fixture = '', finding }: ExploreFacts, graph?: string): string {
  const schedule = shellOption('--schedule', finding?.schedule);
  return `npx reprise check ${shellWord(fixture)}${shellOption('--graph', graph)}${schedule}`;
}
