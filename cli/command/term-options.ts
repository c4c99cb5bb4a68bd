// The options of commands that begin or resume a run and say what belongs to it from then on.
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { RunOptions } from '../../src/index.ts';
import { wholeNumber } from '../terminal/whole-number.ts';

export interface TermArguments {
  readonly pauseBefore?: readonly string[];
  readonly pauseAfter?: readonly string[];
  readonly timeout?: number;
  readonly label?: Readonly<Record<string, string>>;
}

type Terms = Pick<RunOptions, 'pauseBefore' | 'pauseAfter' | 'timeoutMs' | 'labels'>;

export function declareTerms(command: Command): Command {
  return command
    .option('--pause-before <nodes...>', 'Pause before these nodes')
    .option('--pause-after <nodes...>', 'Pause after these nodes')
    .option('--timeout <ms>', 'Fail the run if it takes longer, in milliseconds', wholeNumber)
    .option('--label <name=text>', 'Label of the run; may be repeated', addLabel);
}

export function termsOf({ pauseBefore, pauseAfter, timeout, label }: TermArguments): Terms {
  return {
    ...(pauseBefore === undefined ? {} : { pauseBefore }),
    ...(pauseAfter === undefined ? {} : { pauseAfter }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(label === undefined ? {} : { labels: label }),
  };
}

/** Gathers labels. */
export function addLabel(
  given: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const mark = given.indexOf('=');
  if (mark < 1) throw new InvalidArgumentError('It must be a name and a text, such as customer=acme.');
  return { ...before, [given.slice(0, mark)]: given.slice(mark + 1) };
}
