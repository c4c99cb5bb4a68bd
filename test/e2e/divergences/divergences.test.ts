// Every kind of change, at early, middle and late places: where the report begins, and what it says is behind it.
import { describe, expect, it } from 'vitest';
import { compareRuns, divergenceClasses } from '../../../src/diff/index.ts';
import type { Comparison, Divergence, RootCause } from '../../../src/diff/index.ts';
import { createEngine, memoryStore } from '../../../src/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { installPlaceholders, replay } from '../../../src/replay/index.ts';
import type { ReplayReport } from '../../../src/replay/index.ts';
import { comparisonText, replayText } from '../../../src/report/index.ts';
import { openFixture } from '../../../src/store/fixture/open-fixture.ts';
import { examples, mutantFixture, mutantGraph } from './mutant.ts';
import type { Change } from './mutant.ts';
import { mutations } from './mutations.ts';
import type { Mutation } from './mutations.ts';

installPlaceholders({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });

type Report = Comparison | ReplayReport;

async function reportOf({ of, code = [], fixture = [], base, by }: Mutation): Promise<Report> {
  const path = base === undefined ? await mutantFixture(of, fixture) : await recordedRefund(base);
  if (by === 'diff' || by === 'edited') {
    using recorded = await openFixture(examples[of].fixture);
    using edited = await openFixture(path);
    return await compareRuns(
      { run: recorded.run, steps: recorded.steps() },
      { run: edited.run, steps: edited.steps(), isEdited: by === 'edited' && edited.isEdited },
    );
  }
  const { report } = await replay(await mutantGraph(of, code), path, {
    mode: by === 'outputs' ? 'outputs' : 'effects',
    strictness: by === 'lenient' ? 'lenient' : 'strict',
  });
  return { ...report, fixture: examples[of].fixture };
}

/** A recording of the refund with a changed graph, as its fixture was made. */
async function recordedRefund(base: readonly Change[]): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(await mutantGraph('refund', base), { store });
  await engine.run({ order: 'A-17' }, { runId: 'refund', seed: 's' });
  await engine.answer('refund', undefined, { approved: true, by: 'Ada' });
  await engine.resume('refund').orThrow();
  return await exportRunTo(store, 'refund', await mutantFixture('refund', []), { force: true });
}

function rootsOf({ divergences, roots }: { divergences: readonly Divergence[]; roots: readonly RootCause[] }) {
  return roots.map(({ place, class: name }) => {
    const { kind, at, path } = divergences[place] as Divergence;
    return [[kind, at, path].join(' ').replace('  ', ' '), name];
  });
}

function textOf(report: Report): string {
  if ('fixture' in report) return replayText(report, `npx reprise replay ${report.fixture}`);
  return comparisonText(report, { recorded: 'a', replayed: 'b', reproduce: 'npx reprise diff a b' });
}

describe('the cause of a divergence', () => {
  it.each(mutations)('$of: $what', async (mutation) => {
    const report = await reportOf(mutation);
    expect(rootsOf(report)).toEqual(mutation.roots);
    // Each divergence is a root, or follows from exactly one.
    const told = report.roots.flatMap(({ place, leadsTo }) => [place, ...leadsTo]);
    expect(told.toSorted((one, other) => one - other)).toEqual([...report.divergences.keys()]);
    const lines = textOf(report).split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(50);
    expect(lines[0]).toMatch(/diverged: |diverge: |not deterministic: /);
  });

  it('is in the reference as it is found', async () => {
    const written = mutations.map(({ of, what, by, roots: [first, ...others] }) => [
      examples[of].folder.replace('docs/examples/', ''),
      by === undefined ? what : `${what} (${ways[by]})`,
      ...(first ?? []).map((text) => `\`${text}\``),
      others.map(([found, name]) => `\`${found}\` ${name}`).join('; '),
    ]);
    const classes = Object.entries(divergenceClasses).map(([name, { means, next }]) => [name, means, next]);
    const text = [
      '# Divergences and their causes',
      '',
      'A report lists the differences that follow from no other first, each with its class: what made the difference, as far as a comparison can tell. What nothing rules out stands beside it ("unless it is ..."). `--json` has them as `roots`. These are the classes:',
      '',
      ...table(['class', 'it means', 'what to do next'], classes),
      '',
      'A replay proves `uncontrolled input` by running a divergence twice; `order-dependent` alone is what `npx reprise explain` finds.',
      '',
      'In a report the next step depends on what the code asks for as well: `--update` where the recorded answers are enough, `--update --live` where a call or a request needs another one, and another recording where people are asked or a signal is waited for.',
      '',
      '## What a change looks like',
      '',
      'Changes of the examples and of their fixtures, and where the report begins. The table is written by a test that makes each of them.',
      '',
      ...table(['example', 'change', 'first divergence', 'class', 'beside it'], written),
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot('../../../docs/reference/divergences.md');
  });
});

const ways = { lenient: 'lenient', outputs: 'mode `outputs`', diff: 'two recordings', edited: 'two recordings' };

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
