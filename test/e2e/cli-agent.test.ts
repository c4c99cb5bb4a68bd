// A program that looks for the cause of a divergence: it sees only what commands print, and follows the next steps in it.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sealFixture } from '../../src/update/index.ts';
import { root } from '../support/cli.ts';
import { commandHere } from '../support/command-here.ts';
import { temporaryFolder } from '../support/folder.ts';

const fixtures = [
  'research-desk/research-desk-1',
  'panel/panel-1',
  'tool-loop/tool-loop-1',
  'web-answer/web-answer-1',
  'approval/refund-1',
];
const plantsOfFixture = process.env.REPRISE_TEST_SIZE === 'long' ? 6 : 2;
/** What these say is the form of an entry, and another word would not be one. */
const shape = ['kind', 'node', 'status', 'ended', 'content-type'];
const mark = '<planted>';

interface Plant {
  readonly fixture: string;
  readonly line: number;
  readonly text: string;
}

/** Places all over each fixture: a text in an answer or in an output. */
function plants(): readonly Plant[] {
  return fixtures.flatMap((fixture) => {
    const lines = linesOf(fixture);
    const found = lines.flatMap((line, number): Plant[] => {
      const [, part = ''] =
        /"kind":"(?:effect|outcome|body)".*?"(?:outcome|result|text)":(.*?)(?:"request"|$)/.exec(line) ?? [];
      const texts = [...part.matchAll(/(\\?)"([\w-]+)\1":(\1"[A-Za-z][\w .,'?:-]*)\1"/g)];
      return texts
        .filter(([, , key]) => !shape.includes(key as string))
        .slice(0, 1)
        .map(([, , key, text]) => ({ fixture, line: number, text: `${key}\u0000${text}` }));
    });
    expect(found.length).toBeGreaterThan(0);
    const step = Math.max(1, found.length / plantsOfFixture);
    return Array.from({ length: plantsOfFixture }, (_, at) => found[Math.floor(at * step) % found.length] as Plant);
  });
}

function linesOf(fixture: string): readonly string[] {
  return readFileSync(`fixtures/${fixture}.run.jsonl`, 'utf8').split('\n');
}

async function planted({ fixture, line, text }: Plant, length: number): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'runs'));
  copyFileSync(`fixtures/${fixture}.run.jsonl`, join(folder, 'runs/a.run.jsonl'));
  const [key, value] = text.split('\u0000') as [string, string];
  const slash = value.startsWith('\\') ? '\\' : '';
  const before = `"${key}${slash}":${value}`;
  const lines = linesOf(fixture).map((own, number) => {
    if (number !== line) return own;
    const at = own.lastIndexOf(before);
    expect(at).toBeGreaterThan(0);
    return `${own.slice(0, at)}${before}${mark}${'x'.repeat(length)}${own.slice(at + before.length)}`;
  });
  writeFileSync(join(folder, 'runs/b.run.jsonl'), lines.join('\n'));
  await sealFixture(join(folder, 'runs/b.run.jsonl'));
  return folder;
}

/** The arguments of a command as it is printed. */
function argumentsOf(command: string): readonly string[] {
  const words = [...command.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll("'\\''", "'") ?? (plain as string),
  );
  expect(words.slice(0, 2)).toEqual(['npx', 'reprise']);
  return words.slice(2);
}

type Shape = 'diff' | 'diffAt' | 'show' | 'replay';

/** By the schema of the reference. */
function expectShape(shape: Shape, printed: unknown): void {
  const { $defs } = JSON.parse(readFileSync('docs/reference/reports.schema.json', 'utf8')) as {
    readonly $defs: object;
  };
  const checked = z.fromJSONSchema({ $defs, $ref: `#/$defs/${shape}` } as never).safeParse(printed);
  expect(checked.error?.issues ?? []).toEqual([]);
}

interface Answer {
  readonly next?: readonly string[];
  readonly cut?: readonly { readonly path: string }[];
}

describe('the cause of a divergence', () => {
  it('is reached from what commands print, in few calls and small answers', { timeout: 300_000 }, async () => {
    for (const [number, plant] of plants().entries()) {
      const folder = await planted(plant, number % 2 === 0 ? 0 : 20_000);
      const calls: string[] = ['npx reprise diff runs/a.run.jsonl runs/b.run.jsonl --json'];
      let reached = '';
      for (let call = 0; call < calls.length && reached === ''; call += 1) {
        const command = calls[call] as string;
        const { out, talk } = await commandHere(folder, argumentsOf(command));
        expect({ command, talk, isSmall: Buffer.byteLength(out) < 8_000 }).toEqual({
          command,
          talk: '',
          isSmall: true,
        });
        const answer = JSON.parse(out) as Answer;
        expectShape(command.includes(' show ') ? 'show' : command.includes(' --at ') ? 'diffAt' : 'diff', answer);
        // Only what shows the place alone, with the text that was planted in it, is the end of the search.
        if (command.includes(' show ') && out.includes(mark)) reached = command;
        calls.push(...(answer.next ?? []).filter((next) => !calls.includes(next)));
      }
      expect({ plant, calls: calls.length < 10, reached: reached !== '' }).toEqual({
        plant,
        calls: true,
        reached: true,
      });
    }
  });

  it('has the shape that the reference says, also where all of it is printed', async () => {
    const [plant] = plants();
    const folder = await planted(plant as Plant, 20_000);
    const whole = await commandHere(folder, ['diff', 'runs/a.run.jsonl', 'runs/b.run.jsonl', '--json', '--full']);
    expect(whole.out.length).toBeGreaterThan(20_000);
    expectShape('diff', JSON.parse(whole.out));
    const graph = join(root, 'docs/examples/research-desk/graph.ts#researchDesk');
    const replayed = await commandHere(folder, [
      'replay',
      'runs/b.run.jsonl',
      'runs/none.run.jsonl',
      '--graph',
      graph,
      '--json',
    ]);
    expectShape('replay', JSON.parse(replayed.out));
    expect(() => expectShape('diff', { ...JSON.parse(whole.out), verdict: 'perhaps' })).toThrow();
  });

  it('is refused at a place that neither run has', async () => {
    const [plant] = plants();
    const folder = await planted(plant as Plant, 0);
    const names = ['runs/a.run.jsonl', 'runs/b.run.jsonl'];
    expect(await commandHere(folder, ['diff', ...names, '--at', '99.0#1'])).toMatchObject({
      code: 2,
      talk: expect.stringContaining('neither run has 99.0#1'),
    });
    expect(await commandHere(folder, ['diff', ...names, '--at', '1'])).toMatchObject({
      out: expect.stringContaining('\na {'),
    });
  });
});
