// Options that mean the same in several commands, each as commander takes it.
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../terminal/whole-number.ts';

export const graphOption = [
  '--graph <graph>',
  'Graph as path/to/module.ts#export (default: looked up in the config by name)',
] as const;
export const storeOption = [
  '--store <place>',
  "SQLite file, or postgres://… (default: the config's, or runs.db)",
] as const;
export const runIdOption = ['--run-id <id>', 'ID of the new run (default: generated)'] as const;
export const tenantOption = ['--tenant <text>', 'For whom the run is: workers serve tenants in turn'] as const;
export const inputOption = ['--input <json or @file>', 'Input of the run (required)'] as const;
export const attachOption = [
  '--attach',
  'Where the ID is taken, take that run if it has the same graph and input',
] as const;
export const seedOption = ['--seed <text>', 'Seed of all random draws (default: generated)'] as const;
export const outOption = [
  '--out <fixture>',
  'Fixture file (.run.jsonl), or a folder to put <graph>/<run-id>.run.jsonl in (required)',
] as const;
export const forceOutOption = ['--force', 'Overwrite an existing file'] as const;
export const lateAnswersOption = [
  '--late-answers <ms>',
  'How long to wait at the end for HTTP answers that nodes have left behind, in milliseconds (default: 0)',
  wholeNumber,
] as const;
export const noObservedOption = ['--no-observed', 'Leave out times and the real order of events'] as const;

export const dryRunOption = ['--dry-run', 'Only show what would be deleted'] as const;
export const yesOption = ['--yes', 'Delete: nothing brings a deleted run back'] as const;
export const rawOption = ['--raw', 'Show stored runs as they are, secrets included'] as const;

export const graphArgument = ['<graph>', 'Name in the config, or path/to/module.ts#export'] as const;
export const runArgument = ['<run>', 'Fixture, or ID of a stored run'] as const;

export function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It must be 1 or more.');
  return number;
}
