import { shellOption, shellWord } from '../text/shell-word.ts';

interface ReplayedHow {
  readonly fixture: string;
  readonly mode: string;
  readonly strictness: string;
  readonly cut?: string | number;
}

/** The command that makes a report of a replay again. `graph`: as the command line names it, unless the config knows it. */
export function replayLine({ fixture, mode, strictness, cut = 'recorded' }: ReplayedHow, graph?: string): string {
  const options = [
    shellOption('--graph', graph),
    mode === 'effects' ? '' : ` --mode ${mode}`,
    cut === 'recorded' ? '' : ` --cut ${cut}`,
    strictness === 'lenient' ? ' --lenient' : '',
  ];
  return `npx reprise replay ${shellWord(fixture)}${options.join('')}`;
}
