// For a comment on a pull request, and for the summary of a job.
import { count } from '../text/counts-text.ts';
import { oneLine } from '../text/plain-text.ts';
import type { Checked } from './checked.ts';

const shownMax = 20;

/**
 * A summary in Markdown for a comment on a pull request or for the summary of a job. It lists the first 20 fixtures
 * that did not pass, and counts the others. `command` is the one that ran, such as `replay`.
 */
export function markdownText(command: string, checked: readonly Checked[]): string {
  const bad = checked.filter(({ outcome }) => outcome !== 'passed');
  const title =
    bad.length === 0
      ? `${count(checked.length, 'fixture')} as recorded`
      : `${bad.length} of ${count(checked.length, 'fixture')} not as recorded`;
  return [
    `### reprise ${command}: ${title}`,
    '',
    ...(bad.length === 0
      ? []
      : ['| fixture | what differs first | class |', '| --- | --- | --- |', ...bad.slice(0, shownMax).map(row), '']),
    ...bad.slice(0, shownMax).flatMap(details),
    ...(bad.length > shownMax ? [`… and ${bad.length - shownMax} more`, ''] : []),
    ...comeOrGone(checked),
  ].join('\n');
}

function row({ name, sentence, verdict, class: cause = '' }: Checked): string {
  return `| ${code(name)} | ${cell(sentence ?? verdict)} | ${cell(cause)} |`;
}

/** Fixtures that a branch adds or removes: nothing of them differs, and who reviews it has to see them. */
function comeOrGone(checked: readonly Checked[]): readonly string[] {
  const changed = checked.filter(({ verdict }) => verdict === 'added' || verdict === 'removed');
  if (changed.length === 0) return [];
  const shown = changed.slice(0, shownMax).map(({ name, verdict, text }) => {
    const [, ...more] = text.trimEnd().split('\n');
    return `- ${code(name)} ${verdict}${more.map((line) => `; ${cell(line.trim())}`).join('')}`;
  });
  return [...shown, ...(changed.length > shownMax ? [`- … and ${changed.length - shownMax} more`] : []), ''];
}

function details({ name, text }: Checked): readonly string[] {
  // A fence that is longer than any in the text.
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [
    `<details><summary>${html(oneLine(name))}</summary>`,
    '',
    `${fence}text`,
    text.trimEnd(),
    fence,
    '',
    '</details>',
    '',
  ];
}

function code(text: string): string {
  return `<code>${cell(text)}</code>`;
}

/** Nothing in it is markup: neither HTML nor Markdown, and no mention of a person. */
function cell(text: string): string {
  return html(oneLine(text)).replace(/[\\`*_{}[\]()#+!|~@]/g, (character) => `&#${character.codePointAt(0)};`);
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
