// What a replay says about a difference: never more than it knows.
import { createEngine, fields, graph, last, memoryStore, reduce } from 'reprise';
import type { AnyGraph } from 'reprise';
import { compareRuns } from 'reprise/diff';
import { exportRunTo } from 'reprise/record';
import { openRun, replay } from 'reprise/replay';
import type { ReplayOptions, ReplayReport } from 'reprise/replay';
import { comparisonText, replayText } from 'reprise/report';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

type Effect = (name: string, request: unknown, perform: () => Promise<unknown>) => Promise<unknown>;
type Node = (state: { readonly a: unknown }, context: { readonly effect: Effect }) => unknown;

function oneNode(run: Node): AnyGraph {
  return graph('one', { state: fields({ a: last<unknown>(null) }) })
    .node('one', run as never)
    .start('one')
    .build() as unknown as AnyGraph;
}

async function fixtureOf(recorded: AnyGraph): Promise<string> {
  const store = memoryStore();
  await createEngine(recorded, { store }).run({}, { runId: 'run' });
  return await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
}

async function replayed(recorded: AnyGraph, now: AnyGraph, options?: ReplayOptions): Promise<ReplayReport> {
  return (await replay(now, await fixtureOf(recorded), options)).report;
}

function lineOf(report: ReplayReport): string {
  return replayText(report).replaceAll(/\s+/g, ' ');
}

/** What is said of it where it does not come and go: in a process that runs it once. */
function firstLineOf(report: ReplayReport): string {
  return lineOf({ ...report, verdict: 'diverged' });
}

describe('the same code with another outcome', () => {
  let reads = 0;
  const cases: readonly (readonly [string, Node])[] = [
    [
      'a counter of the module',
      () => {
        reads += 1;
        return { delta: { a: reads } };
      },
    ],
    [
      'an environment variable',
      () => {
        process.env.REPRISE_TEST_VERDICT = `${process.env.REPRISE_TEST_VERDICT ?? ''}x`;
        return { delta: { a: process.env.REPRISE_TEST_VERDICT } };
      },
    ],
    [
      'another origin',
      async (_state, { effect }) => {
        reads += 1;
        await effect('get', { origin: `http://127.0.0.1:${9_000 + reads}` }, async () => 'x');
      },
    ],
    [
      'a cache of the module that is filled',
      async (_state, { effect }) => {
        reads += 1;
        return { delta: { a: reads % 2 === 1 ? await effect('search', {}, async () => 'x') : 'x' } };
      },
    ],
    [
      'a cache of the module that is empty',
      async (_state, { effect }) => {
        reads += 1;
        return { delta: { a: reads % 2 === 0 ? await effect('search', {}, async () => 'x') : 'x' } };
      },
    ],
  ];

  it.each(cases)('is not blamed on the code alone: %s', async (_name, node) => {
    reads = 0;
    const one = oneNode(node);
    const report = await replayed(one, one);
    expect(report.verdict).toBe('not deterministic');
    expect(firstLineOf(report)).not.toContain('so its code differs');
    expect(firstLineOf(report)).toMatch(
      /so the cause is its code, or something that was not recorded: .*a module's cache/,
    );
  });

  it('is not blamed on a reducer alone', async () => {
    let calls = 0;
    const counting = graph('counting', { state: fields({ a: reduce<number>(() => (calls += 1), 0) }) })
      .node('one', () => ({ delta: { a: 1 } }))
      .start('one')
      .build() as unknown as AnyGraph;
    const report = await replayed(counting, counting, { mode: 'outputs' });
    expect(report.divergences[0]).toMatchObject({ kind: 'state' });
    expect(firstLineOf(report)).toContain('so the cause is a reducer, or something that was not recorded');
  });

  it('is not blamed on an edge alone', async () => {
    let asked = 0;
    const looping = graph('looping', { state: fields({ a: last<number>(0) }) })
      .node('one', () => ({ delta: { a: 1 } }))
      .edge('one', 'one', {
        when: () => {
          asked += 1;
          return asked === 3;
        },
      })
      .start('one')
      .build() as unknown as AnyGraph;
    await fixtureOf(looping);
    const report = await replayed(looping, looping);
    expect(report.divergences[0]).toMatchObject({ kind: 'frontier' });
    expect(firstLineOf(report)).toContain('so the cause is an edge, or something that was not recorded');
  });

  it('names redacted values where the run holds some', async () => {
    const cut = oneNode(async (_state, { effect }) => {
      const token = (await effect('token', {}, async () => 'ghp_abcdefghijklmnopqrstuvwxyz0123')) as string;
      return { delta: { a: token.charCodeAt(9) } };
    });
    const report = await replayed(cut, cut);
    expect(report.verdict).toBe('diverged');
    expect(report.causes?.unknown).toContain('a redacted value');
    expect(
      (
        await replayed(
          oneNode(() => ({ delta: { a: 1 } })),
          oneNode(() => ({})),
        )
      ).causes?.unknown,
    ).not.toContain('a redacted value');
  });
});

describe('a node that throws', () => {
  const failing = (bug: boolean, more: 'an effect' | 'a chunk' | 'nothing' = 'an effect'): AnyGraph =>
    oneNode(async (_state, { effect }) => {
      const user = (await effect('load', {}, async () => ({ name: 'Ada' }))) as { address?: { city: string } };
      if (bug) throw Object.assign(new TypeError(`no city of ${user.address?.city}`), { code: 'NO_CITY' });
      if (more === 'an effect') await effect('ended', {}, async () => 1);
      return { delta: { a: 1 } };
    });

  it.each([
    ['before an effect', 'an effect'],
    ['at its end', 'nothing'],
  ] as const)('is said first, with its error: %s', async (_name, more) => {
    for (const strictness of ['strict', 'lenient'] as const) {
      const report = await replayed(failing(false, more), failing(true, more), { strictness });
      expect(report.divergences[0]).toMatchObject({
        kind: 'error',
        at: '1.0#1',
        recorded: 'done',
        replayed: 'failed: TypeError [NO_CITY]: no city of undefined',
        stack: expect.stringMatching(/^at .*verdicts\.test\.ts:\d+/),
      });
      expect(report.divergences.map(({ kind }) => kind)).not.toContain('unused effect');
      expect(report.divergences.filter(({ follows }) => follows === undefined)).toHaveLength(1);
      expect(lineOf(report)).toContain(
        'diverged: "one" in step 1 (1.0#1) failed with TypeError [NO_CITY]: no city of undefined: its state',
      );
    }
  });

  it('is said first if it also failed before, with another error', async () => {
    const failed = oneNode(async (_state, { effect }) => {
      await effect('load', {}, async () => 1);
      await effect('more', {}, async () => 2);
      throw new Error('was');
    });
    const sooner = oneNode(async (_state, { effect }) => {
      await effect('load', {}, async () => 1);
      throw new Error('is');
    });
    const report = await replayed(failed, sooner);
    expect(report.divergences[0]).toMatchObject({ kind: 'error', recorded: 'was', replayed: 'is' });
    expect(report.divergences.some(({ kind }) => kind === 'unused effect')).toBe(false);
  });

  it('after another difference is told with it', async () => {
    const asking = (prompt: string): AnyGraph =>
      oneNode(async (_state, { effect }) => {
        try {
          await effect('ask', { prompt }, async () => 1);
        } catch {
          throw new TypeError('nothing was asked');
        }
      });
    const report = await replayed(asking('a'), asking('b'));
    expect(report.divergences[0]).toMatchObject({ kind: 'request' });
    expect(lineOf(report)).toContain('then it failed with TypeError: nothing was asked');
  });

  it('after a refused effect follows from that', async () => {
    const asking = (prompt: string): AnyGraph =>
      oneNode(async (_state, { effect }) => {
        await effect('ask', { prompt }, async () => 1);
        await effect('then', {}, async () => 2);
      });
    const report = await replayed(asking('a'), asking('b'));
    expect(report.divergences.map(({ kind, follows }) => ({ kind, follows }))).toEqual([
      { kind: 'request', follows: undefined },
      { kind: 'unused effect', follows: 0 },
      { kind: 'error', follows: 0 },
      { kind: 'error', follows: 2 },
    ]);
  });
});

describe('two runs', () => {
  it('are not blamed on the code where a fork edited the state', async () => {
    const store = memoryStore();
    const looping = graph('looping', { state: fields({ a: last<number>(0), b: last<number>(0) }) })
      .node('one', (state) => ({ delta: { b: state.a + 1 } }))
      .edge('one', 'one', { when: (state) => state.b < 1 })
      .start('one')
      .build();
    const engine = createEngine(looping, { store });
    await engine.run({}, { runId: 'run', seed: 'seed' });
    await engine.fork('run', { step: 0, patch: { a: 5 }, runId: 'fork' });
    const open = (runId: string) => openRun({ kind: 'stored', store, runId });
    const comparison = await compareRuns(await open('run'), await open('fork'));
    expect(comparison.divergences[0]).toMatchObject({ kind: 'state', at: '0', path: 'state.a', isEdited: true });
    expect(comparison.divergences.filter(({ follows }) => follows === undefined)).toHaveLength(1);
    const names = { recorded: 'run', replayed: 'fork', reproduce: '' };
    expect(comparisonText(comparison, names)).toContain('it was edited there');
  });
});
