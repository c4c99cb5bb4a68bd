// `--reporter`: results as a service for CI takes them.
import { appendFileSync } from 'node:fs';
import { Option } from 'commander';
import { githubText, junitText, markdownText, severalLines } from '../../src/report/index.ts';
import type { Checked } from '../../src/report/index.ts';
import type { CliIo } from './io.ts';

export const reporterNames = ['junit', 'github', 'markdown'] as const;
export type ReporterName = (typeof reporterNames)[number];

export function reporterOption(): Option {
  return new Option('--reporter <name>', 'Print the results for CI instead').choices(reporterNames);
}

/** `github` also adds to the summary of the job. */
export function report(name: ReporterName, command: string, checked: readonly Checked[], io: CliIo): void {
  if (name === 'junit') io.writeOut(junitText(command, checked));
  if (name === 'markdown') io.writeOut(markdownText(command, checked));
  if (name !== 'github') return;
  io.writeOut(githubText(command, checked));
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary !== undefined && summary !== '')
    appendFileSync(summary, `${severalLines(markdownText(command, checked))}\n`);
}
