// What the command line prints comes from models, servers, untrusted fixtures and arguments. Whatever they contain, no
// byte of it moves the cursor, changes a colour or reverses the reading direction; and JSON stays JSON.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, reprise } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { sealed } from '../support/fixture-file.ts';

const evil = '\u001b[31mred\u009b31m\u202ertl\u0007\r\nnext\u2028line\u001b]0;title\u0007<script>';
const moduleText = `
import { fields, graph, last } from 'reprise';
const evil = ${JSON.stringify(evil)};
export const hostile = graph('hostile', { state: fields({ said: last<unknown>('') }) })
  .node('say', async (_state, { effect, emit }) => {
    await effect('listen', evil, () => evil);
    emit('heard', evil);
    if (process.env.FAILS) throw Object.assign(new Error(evil), { name: evil });
    return { delta: { said: { [evil]: process.env.CHANGED ?? evil } } };
  })
  .start('say')
  .build();
`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: this test looks for control characters
const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
const unsafeIn = ({ out, talk }: Ended): readonly string[] => `${out}${talk}`.match(unsafe) ?? [];

let folder: string;
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  reprise(folder, args, { env });
const graph = ['--graph', 'graph.ts#hostile'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-test-'));
  makeProject(folder, { 'graph.ts': moduleText });
  const ended = await run(['run', 'graph.ts#hostile', '--input', '{}', '--run-id', 'a']);
  expect(ended.code).toBe(0);
  expect((await run(['export', 'a', '--out', 'a.run.jsonl'])).code).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('hostile text', () => {
  it.each<[string, readonly string[], number, Readonly<Record<string, string>>?]>([
    ['in a state', ['run', 'graph.ts#hostile', '--input', '{}'], 0],
    ['in a state, as JSON', ['run', 'graph.ts#hostile', '--input', '{}', '--json'], 0],
    ['in an error', ['run', 'graph.ts#hostile', '--input', '{}'], 1, { FAILS: '1' }],
    ['in an error, as JSON', ['run', 'graph.ts#hostile', '--input', '{}', '--json'], 1, { FAILS: '1' }],
    ['in a run that is shown', ['show', 'a'], 0],
    ['in a step that is shown', ['show', 'a', '--step', '1'], 0],
    ['in a run that is shown as JSON', ['show', 'a', '--json'], 0],
    ['in a replay', ['replay', 'a.run.jsonl', ...graph], 1, { CHANGED: evil.slice(1) }],
    ['in a replay, as JSON', ['replay', 'a.run.jsonl', ...graph, '--json'], 1, { CHANGED: evil.slice(1) }],
    ['in a replay that fails', ['replay', 'a.run.jsonl', ...graph], 1, { FAILS: '1' }],
    ['in the name of a run', ['show', `b${evil}`], 2],
    ['in the id of a new run', ['run', 'graph.ts#hostile', '--input', '{}', '--run-id', evil], 2],
    ['in the name of a field', ['run', 'graph.ts#hostile', '--input', JSON.stringify({ [evil]: 1 })], 2],
    ['in the name of an export', ['run', `graph.ts#${evil}`, '--input', '{}'], 2],
    ['in the name of a command', [evil], 2],
    ['in the name of a fixture', ['replay', `${evil}.run.jsonl`, ...graph], 2],
    ['in the name of a folder', ['export', 'a', '--out', `\u001b[31m\u009b/`], 0],
  ])('%s is shown escaped', async (_where, args, code, env) => {
    const ended = await run(args, env);
    expect(ended.code, ended.talk).toBe(code);
    expect(unsafeIn(ended)).toEqual([]);
    if (args.includes('--json'))
      expect(ended.out.split('\n').length > 8 ? ended.out : `[${ended.out.trim().split('\n').join(',')}]`).toSatisfy(
        (text: string) => typeof JSON.parse(text) === 'object',
      );
  });

  it('in JSON is the same text after parsing', async () => {
    const { out } = await run(['run', 'graph.ts#hostile', '--input', '{}', '--json']);
    expect((JSON.parse(out) as { state: unknown }).state).toEqual({ said: { [evil]: evil } });
  });

  it.each<[string, (line: string) => string]>([
    ['the name of its graph', (line) => line.replace('"name":"hostile"', `"name":${JSON.stringify(evil)}`)],
    ['a kind', (line) => line.replace('"kind":"event"', `"kind":${JSON.stringify(evil)}`)],
    ['a key', (line) => line.replace('"1.0#1"', JSON.stringify(`1.0#1${evil}`))],
    ['the name of a node', (line) => line.replaceAll('"say"', JSON.stringify(evil))],
    ['a field', (line) => line.replaceAll('"said":', `${JSON.stringify(evil)}:`)],
  ])('in an untrusted fixture, as %s, is shown escaped', async (_where, change) => {
    const lines = readFileSync(join(folder, 'a.run.jsonl'), 'utf8').split('\n');
    const canonical = lines.slice(
      0,
      lines.findIndex((line) => line.startsWith('{"block"')),
    );
    writeFileSync(join(folder, 'b.run.jsonl'), sealed(canonical.map(change)));
    for (const args of [
      ['show', 'b.run.jsonl'],
      ['replay', 'b.run.jsonl', ...graph],
      ['replay', 'b.run.jsonl'],
      ['diff', 'a.run.jsonl', 'b.run.jsonl'],
    ]) {
      const ended = await run(args);
      expect([0, 1, 2], ended.talk).toContain(ended.code);
      expect(unsafeIn(ended), args.join(' ')).toEqual([]);
    }
  });
});
