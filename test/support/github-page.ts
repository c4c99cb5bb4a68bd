// What a job printed and wrote for GitHub, as a page of the reference that shows it as GitHub does.

export interface JobOutput {
  /** Its standard output, with commands for the runner in it. */
  readonly out: string;
  /** What it added to the summary of the job, as Markdown. */
  readonly summary: string;
}

export function githubPage({ out, summary }: JobOutput): string {
  return [
    '# What GitHub shows',
    '',
    'With `--reporter github`, `replay`, `check` and `diff` print annotations and write into the summary of the job. This page is written by the test that runs [the action](../guide/replay-in-ci.md#annotations-and-a-summary) as a runner does, on a project of two fixtures, one of them new on its branch, whose code has changed.',
    '',
    '## Annotations',
    '',
    'One for each fixture that did not pass, beside the file in a pull request and in the list of the job. Printed as a command for the runner:',
    '',
    '```text',
    firstLine(out),
    '```',
    '',
    'and shown like this:',
    '',
    ...annotationsOf(out).flatMap(annotationLines),
    '## The summary of the job',
    '',
    'Fixtures that passed are only counted. The report of each other one opens below the table.',
    '',
    summary.trimEnd(),
    '',
  ].join('\n');
}

const command = /^::error file=([^,]*),title=(.*?)::(.*)$/gm;

interface Annotation {
  readonly file: string;
  readonly title: string;
  readonly text: string;
}

/** As the runner reads them. */
export function annotationsOf(out: string): readonly Annotation[] {
  return [...out.matchAll(command)].map(([, file = '', title = '', text = '']) => ({
    file: decoded(file),
    title: decoded(title),
    text: decoded(text),
  }));
}

function decoded(text: string): string {
  return text.replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function annotationLines({ file, title, text }: Annotation): readonly string[] {
  return [
    '> [!CAUTION]',
    `> **${title}** in \`${file}\``,
    '>',
    ...['```text', ...text.split('\n'), '```'].map((line) => `> ${line}`.trimEnd()),
    '',
  ];
}

function firstLine(out: string): string {
  return out.split('\n', 1)[0] as string;
}
