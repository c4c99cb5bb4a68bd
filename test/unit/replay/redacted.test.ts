// What a replay compares of a run whose secrets are redacted in the fixture: everything but the secrets.
import { fields, graph, last, memoryStore, createEngine } from 'reprise';
import type { AnyGraph } from 'reprise';
import { compareRuns } from 'reprise/diff';
import { exportRunTo } from 'reprise/record';
import { openRun, replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

function writing(out: unknown): AnyGraph {
  return graph('writing', { state: fields({ out: last<unknown>(null) }) })
    .node('write', () => ({ delta: { out } }) as object)
    .start('write')
    .build() as unknown as AnyGraph;
}

async function recorded(
  out: unknown,
): Promise<{ readonly store: ReturnType<typeof memoryStore>; readonly path: string }> {
  const store = memoryStore();
  await createEngine(writing(out), { store }).run({}, { runId: 'run' });
  return { store, path: await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`) };
}

const key = 'ghp_abcdefghijklmnopqrstuvwxyz0123';
const other = 'ghp_ABCDEFGHIJKLMNOPQRSTUVWXYZ9876';

const differing: readonly (readonly [string, unknown, unknown])[] = [
  ['text put beside a mark', `used ${key}; status: OK`, `used ${key}; ALL RECORDS DELETED; status: OK`],
  ['text put before a mark', `used ${key}`, `never used ${key}`],
  ['a secret that is gone', 'Bearer abcdefgh12345678', 'Bearer '],
  ['other text where a secret was', `used ${key}; status: OK`, 'used nothing at all; status: OK'],
  ['text between two marks', `${key} ${other}`, `${key} and ${other}`],
  ['a second mark', `${key} `, `${key} ${other}`],
  ['text at both ends', `a ${key} b`, `b ${key} a`],
  ['a key with a secret in it', { [`user ${key}`]: 1 }, { [`admin ${key}`]: 1 }],
  ['the value under such a key', { [`user ${key}`]: 1 }, { [`user ${key}`]: 2 }],
  ['JSON in a text', '{"password":"hunter2","role":"user"}', '{"password":"hunter2","role":"root"}'],
  ['a named secret that is empty now', { password: 'hunter2' }, { password: '' }],
  ['a named secret that is absent now', { password: 'hunter2', a: 1 }, { a: 1 }],
];

describe.each(['strict', 'lenient'] as const)('a %s replay of a redacted run', (strictness) => {
  it.each(differing)('finds %s', async (_name, was, is) => {
    const { path } = await recorded(was);
    const { report } = await replay(writing(is), path, { strictness });
    expect(report.verdict).toBe('diverged');
    expect(report.divergences[0]).toMatchObject({ kind: 'output', at: '1.0#1' });
    expect(JSON.stringify(report)).not.toMatch(/ghp_(?!redacted)|hunter2|abcdefgh12345678/i);
  });

  it.each([
    ['in a text', `used ${key}; status: OK`, `used ${other}; status: OK`],
    ['in a key', { [`user ${key}`]: { [other]: 1 } }, { [`user ${other}`]: { [key]: 1 } }],
    ['by name', { password: 'hunter2' }, { password: 'hunter3' }],
    ['in JSON in a text', '{"password":"hunter2"}', '{"password":"hunter3"}'],
    ['more than once', [key, other, key], [other, key, other]],
  ])('takes another secret for the same: %s', async (_name, was, is) => {
    const { path } = await recorded(was);
    const { report } = await replay(writing(is), path, { strictness });
    expect(report.divergences).toEqual([]);
    expect(report.redacted).toBeGreaterThan(0);
  });

  it('finds a secret that took the place of another', async () => {
    const passing = (takes: 'first' | 'second'): AnyGraph =>
      graph('passing', { state: fields({ out: last<string>('') }) })
        .node('pass', async (_state, { effect }) => {
          const keys = await effect('keys', {}, async () => ({ first: key, second: other }));
          return { delta: { out: `used ${keys[takes]}` } };
        })
        .start('pass')
        .build() as unknown as AnyGraph;
    const store = memoryStore();
    await createEngine(passing('first'), { store }).run({}, { runId: 'run' });
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    expect((await replay(passing('first'), path, { strictness })).report.verdict).toBe('same');
    expect((await replay(passing('second'), path, { strictness })).report.verdict).toBe('diverged');
  });
});

describe('two runs, one of them redacted', () => {
  async function compared(one: { store: ReturnType<typeof memoryStore>; path: string }, another: typeof one) {
    const kinds = [
      [one.path, another.path],
      [one, another.path],
      [one.path, another],
    ] as const;
    return await Promise.all(
      kinds.map(async (pair) => {
        const [left, right] = await Promise.all(
          pair.map((side) =>
            openRun(
              typeof side === 'string'
                ? { kind: 'fixture', path: side }
                : { kind: 'stored', store: side.store, runId: 'run' },
            ),
          ),
        );
        if (left === undefined || right === undefined) throw new Error('two runs are compared');
        return (await compareRuns(left, right)).verdict;
      }),
    );
  }

  it.each(differing)('differ by %s', async (_name, was, is) => {
    expect(await compared(await recorded(was), await recorded(is))).toEqual(['diverged', 'diverged', 'diverged']);
  });

  it('do not differ by their secrets', async () => {
    const was = await recorded({ password: 'hunter2', text: `used ${key} and ${other}` });
    const is = await recorded({ password: 'hunter3', text: `used ${other} and ${key}` });
    expect(await compared(was, is)).toEqual(['same', 'same', 'same']);
  });
});
