// The reference of the command line says what the program does, no more and no less.
import { readFileSync } from 'node:fs';
import { parse } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/program.ts';
import { checkConfig } from '../../src/config.ts';
import { RecordedIo } from '../support/recorded-io.ts';
import { thrownBy } from '../support/thrown.ts';

const page = readFileSync(new URL('../../docs/reference/commands.md', import.meta.url), 'utf8');
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);
const commands = [...sections.keys()].filter((title) => title.startsWith('reprise ')).map((title) => title.slice(8));

/** Runs a command in this process, in a folder that has no config. */
async function runHere(
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly talk: string }> {
  const io = new RecordedIo(parse(process.cwd()).root);
  const code = await runProgram(args, io);
  return { code, out: io.out, talk: io.talk };
}

async function helpOf(...args: readonly string[]): Promise<string> {
  const { out, ...rest } = await runHere([...args, '--help']);
  expect(rest).toEqual({ code: 0, talk: '' });
  return out;
}

/** Options as they are written, with the name of their value: `--store <file>`. */
function optionsOfHelp(help: string): readonly string[] {
  return [...help.matchAll(/^ {2}(--[\w-]+(?: (?:<[^>]+>|\[\w+\]))?)/gm)].map(([, option]) => option as string).sort();
}

const sectionOf = (title: string): string => sections.get(title) ?? '';
const rowsOf = (section: string): readonly string[] =>
  [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, first]) => first as string).sort();
const shellLines = (section: string): readonly string[] =>
  [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => (block as string).trim().split('\n'));

it('has a section for each command, in the order of the help', async () => {
  const help = await helpOf();
  const listed = [...help.matchAll(/^ {2}([a-z]+) (?:\[|<| {2})/gm)].map(([, name]) => name as string);
  expect(commands).toEqual(listed.filter((name) => name !== 'help'));
  const table = [...page.matchAll(/^\| \[`reprise (\w+)`\]\(#reprise-(\w+)\) \|/gm)];
  expect(table.map(([, name]) => name)).toEqual(commands);
  expect(table.map(([, , anchor]) => anchor)).toEqual(commands);
});

describe.each(commands)('reprise %s', (command) => {
  it('has the options of its help', async () => {
    const options = optionsOfHelp(await helpOf(command));
    expect(rowsOf(sectionOf(`reprise ${command}`))).toEqual(options);
  });

  it('says of an option that it is required exactly if it is', async () => {
    const rows = [...sectionOf(`reprise ${command}`).matchAll(/^\| `(--[\w-]+)[^|]*\|(.*)\|$/gm)];
    const required = rows.filter(([, , text]) => text?.includes('Required')).map(([, option]) => option as string);
    expect(required).toEqual(await requiredBy(command));
  });

  it('has examples that use its options', async () => {
    const known = new Set(optionsOfHelp(await helpOf(command)).map((option) => option.split(' ')[0]));
    const lines = shellLines(sectionOf(`reprise ${command}`));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(new RegExp(`^npx reprise ${command}(?: |$)`));
      for (const [option] of line.matchAll(/(?<= )--[\w-]+/g)) expect(known).toContain(option);
    }
  });
});

/** What the command says is missing, one after the other, until nothing of the kind is. */
async function requiredBy(command: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const given = found.flatMap((option) => [option, 'no such thing']);
    const { talk } = await runHere([command, ...given, ...argumentsOf(command)]);
    const [, missing] = /required option '(--[\w-]+)/.exec(talk) ?? [];
    if (missing === undefined) return found;
    found.push(missing);
  }
}

/** Arguments that come to nothing. */
function argumentsOf(command: string): readonly string[] {
  return command === 'list' || command === 'doctor' ? ['too many'] : ['no such thing', 'no such thing'];
}

it('has the exit codes of the help', async () => {
  const help = await helpOf();
  const [, table = ''] = /Exit codes:\n([\s\S]*)$/.exec(help) ?? [];
  const codes = [...table.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => code);
  const documented = [...sectionOf('Common to all').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
  expect(documented).toEqual(codes);
  expect(codes).toEqual(['0', '1', '2', '3', '130']);
});

it('has the keys of the config, and an example that fits', async () => {
  const { nextStep } = thrownBy(() => checkConfig({ xyzzyplugh: 1 }, 'reprise.config.ts'));
  const keys = /Known keys: (.*)\./.exec(nextStep)?.[1]?.split(', ') ?? [];
  expect(keys.length).toBeGreaterThan(3);
  expect(rowsOf(sectionOf('The config'))).toEqual([...keys].sort());

  const [, example = ''] = /defineConfig\((\{[\s\S]*?\})\);\n```/.exec(sectionOf('The config')) ?? [];
  const config = (await import(`data:text/javascript,export default ${encodeURIComponent(example)}`)) as {
    readonly default: unknown;
  };
  expect(Object.keys(checkConfig(config.default, 'the example') as object).sort()).toEqual([...keys].sort());
});
