// Cuts a failing fixture down to a small one that diverges in the same way.
//   S1. What is written diverges first as the given fixture does: the same class, kind and node, and the same two values.
//   S2. Nothing is performed, no file is replaced, and the same fixture gives the same result.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RepriseError } from '../../base/error.ts';
import { wholeNumber } from '../../base/options/option-kind.ts';
import { checkOptions, noOptions, optionShape } from '../../base/options/option-shape.ts';
import { compareKind } from '../../diff/value/compare-settings.ts';
import type { CompareSettings } from '../../diff/value/compare-settings.ts';
import type { Divergence } from '../../diff/divergence.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { Entry } from '../../journal/entry.ts';
import type { RequestRulesOptions } from '../../journal/http/request-rules.ts';
import { highestMark } from '../../journal/redact/redaction-mark.ts';
import { redactKind } from '../../journal/redact/rule/redact-option.ts';
import type { RedactOptions } from '../../journal/redact/rule/redaction-rules.ts';
import { appliedRules, redactionRules } from '../../journal/redact/rule/redaction-rules.ts';
import { rulesKinds } from '../../live/http/options/rules-option.ts';
import { checkName, replay } from '../../replay/replay.ts';
import { madeGraph } from '../../replay/session/made-graph.ts';
import type { ReplayReport } from '../../replay/session/replay-report.ts';
import { ReplaySession } from '../../replay/session/replay-session.ts';
import { openFixture } from '../../store/fixture/open-fixture.ts';
import { saveFixture } from '../../store/fixture/file/save-fixture.ts';
import { writeRun } from '../../store/fixture/write-fixture.ts';
import type { WriteOptions } from '../../store/fixture/write-fixture.ts';
import { entriesInMemory } from './entries-in-memory.ts';
import { givenValues, withGiven } from './given-values.ts';
import { madeAgain } from './made-again.ts';
import type { DivergedAt } from './made-again.ts';
import { alikeIn, firstRoot } from './same-divergence.ts';
import type { FirstRoot } from './same-divergence.ts';
import { sizeOf } from './size.ts';
import type { RunSize } from './size.ts';
import { smallerValue } from './smaller-value.ts';

/**
 * How long `shrinkFixture` looks for a smaller run, and what it does not count as a divergence. Give the settings with
 * which the fixture was replayed.
 */
export interface ShrinkOptions extends RequestRulesOptions {
  /** How many smaller runs to try; 1,000 by default. */
  readonly maxTries?: number;
  /** What a replay does not compare. */
  readonly compare?: CompareSettings;
  /** The rules of the fixture that did not travel with it. */
  readonly redact?: RedactOptions;
}

export const shrinkOptions = optionShape<ShrinkOptions>('shrinkFixture', {
  maxTries: wholeNumber({ least: 1 }),
  compare: compareKind,
  redact: redactKind,
  ...rulesKinds,
});

/**
 * The result of `shrinkFixture`: the fixture that it wrote, how much smaller it is, and the divergence that it still
 * shows.
 */
export interface ShrunkFixture {
  readonly version: 1;
  readonly fixture: string;
  readonly written: string;
  readonly before: RunSize;
  readonly after: RunSize;
  readonly tries: number;
  /** All tries were used up: it may be that a smaller run would still do. */
  readonly isAtLimit: boolean;
  /** Of the small fixture. */
  readonly report: ReplayReport;
}

/**
 * Writes a small fixture that diverges first as the given one does. Of a run that diverges in step 40 no later step is
 * kept; then what the run was given is made smaller, and with it what follows from that: tasks, chunks, items, long texts.
 *
 * @throws RepriseError `not-diverging`, `file-exists`, `fixture-unwritable`, `fixture-unreadable`, `fixture-damaged`,
 *   `fixture-version-unknown`, `fixture-other-graph`, `option-invalid`, `run-too-large`
 */
export async function shrinkFixture<G extends AnyGraph>(
  graph: G | (() => G | Promise<G>),
  path: string,
  out: string,
  options: ShrinkOptions = noOptions,
): Promise<ShrunkFixture> {
  checkOptions(shrinkOptions, options);
  if (existsSync(out)) throw existing(out);
  const { maxTries = 1_000, ...replaying } = options;
  using fixture = await openFixture(path);
  const made = await madeGraph(graph, fixture);
  const { report } = await replay(graph, path, replaying);
  const first = firstRoot(report);
  if (report.verdict !== 'diverged' || first === undefined) throw notDiverging(path, report.verdict);
  using search = await ShrinkSearch.begin(made, path, { ...replaying, maxTries }, first);
  await search.run(report);
  await saveFixture(out, search.bytes());
  const seen = await replay(graph, out, replaying);
  return { version: 1, fixture: path, written: out, ...search.result, report: seen.report };
}

class ShrinkSearch implements Disposable {
  readonly #graph: AnyGraph;
  readonly #options: ShrinkOptions & { readonly maxTries: number };
  readonly #first: FirstRoot;
  readonly #writing: WriteOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'reprise-shrink-'));
  readonly #before: RunSize;
  #entries: readonly Entry[];
  /** The first divergence of these entries: its task may have another rank than in the given fixture. */
  #at: Divergence;
  #tries = 0;

  private constructor(
    graph: AnyGraph,
    options: ShrinkOptions & { readonly maxTries: number },
    first: FirstRoot,
    entries: readonly Entry[],
    writing: WriteOptions,
  ) {
    this.#graph = graph;
    this.#options = options;
    this.#first = first;
    this.#entries = entries;
    this.#writing = writing;
    this.#before = sizeOf(entries);
    this.#at = first.divergence;
  }

  static async begin(
    graph: AnyGraph,
    path: string,
    options: ShrinkOptions & { readonly maxTries: number },
    first: FirstRoot,
  ): Promise<ShrinkSearch> {
    using fixture = await openFixture(path);
    checkName(graph, fixture);
    const entries = entriesInMemory(fixture);
    const { hasObserved: observed, mayNotReplay, isEdited, redaction } = fixture;
    const rules = appliedRules(redaction, redactionRules(options.redact ?? noOptions));
    const markNumber = entries.reduce((highest, entry) => Math.max(highest, highestMark(entry)), 0);
    return new ShrinkSearch(graph, options, first, entries, { observed, mayNotReplay, isEdited, rules, markNumber });
  }

  get result(): Pick<ShrunkFixture, 'before' | 'after' | 'tries' | 'isAtLimit'> {
    const isAtLimit = this.#tries >= this.#options.maxTries;
    return { before: this.#before, after: sizeOf(this.#entries), tries: this.#tries, isAtLimit };
  }

  bytes(): AsyncGenerator<Uint8Array> {
    return writeRun(() => inOrder(this.#entries), this.#writing);
  }

  async run(report: ReplayReport): Promise<void> {
    const { divergence } = this.#first;
    await this.#cutAfter(divergence.step);
    const isAhead = report.divergences.some(({ step, kind }) => step === divergence.step && kind === 'frontier');
    const keepsCommit = isAhead || divergence.kind === 'route' || taskOf(divergence) === undefined;
    for (let number = 0; number < givenValues(this.#entries).length; number += 1) {
      const given = givenValues(this.#entries)[number];
      if (given === undefined) return;
      await smallerValue(given.value, async (candidate) => {
        const place = givenValues(this.#entries)[number]?.place;
        return place !== undefined && (await this.#try(withGiven(this.#entries, place, candidate), keepsCommit));
      });
    }
  }

  /** What comes after the first divergence does not lead to it. */
  async #cutAfter(step: number): Promise<void> {
    const end = this.#entries.findIndex(({ kind, at }) => kind === 'commit' && at === String(step));
    if (end >= 0 && end < this.#entries.length - 1) await this.#accept(this.#entries.slice(0, end + 1));
  }

  async #try(candidate: readonly Entry[], keepsCommit: boolean): Promise<boolean> {
    if (this.#tries >= this.#options.maxTries) return false;
    this.#tries += 1;
    using fixture = await openFixture(await this.#file(candidate));
    const diverged: DivergedAt = { step: this.#at.step, task: taskOf(this.#at), keepsCommit };
    const entries = await madeAgain(this.#graph, fixture, this.#replaying, diverged);
    return entries !== undefined && (await this.#accept(entries));
  }

  /** Takes them if they diverge as the given fixture does. */
  async #accept(entries: readonly Entry[]): Promise<boolean> {
    using fixture = await openFixture(await this.#file(entries));
    const session = new ReplaySession(this.#graph, fixture, this.#replaying);
    await session.run();
    const alike = alikeIn(session.report(), this.#first);
    if (alike === undefined) return false;
    this.#at = alike;
    this.#entries = entries;
    return true;
  }

  get #replaying(): Omit<ShrinkOptions, 'maxTries'> {
    const { maxTries: _max, ...replaying } = this.#options;
    return replaying;
  }

  /** Written for a moment: it is opened before the next one is. */
  async #file(entries: readonly Entry[]): Promise<string> {
    const path = join(this.#folder, 'tried.run.jsonl');
    const parts: Uint8Array[] = [];
    for await (const bytes of writeRun(() => inOrder(entries), this.#writing)) parts.push(bytes);
    rmSync(path, { force: true });
    writeFileSync(path, Buffer.concat(parts));
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The key of the task that diverges; undefined if it is about the step. */
function taskOf({ at }: Divergence): string | undefined {
  return /^\d+\.\d+/.exec(at)?.[0];
}

async function* inOrder(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}

function existing(out: string): RepriseError {
  return new RepriseError('file-exists', `${out} already exists`, {
    nextStep: 'Choose another file: nothing is overwritten.',
    fields: { path: out },
  });
}

function notDiverging(path: string, verdict: ReplayReport['verdict']): RepriseError {
  const isSame = verdict === 'same';
  const why = isSame ? 'replays the same' : 'is not deterministic, so it does not diverge in one way';
  return new RepriseError('not-diverging', `${path} ${why}`, {
    nextStep: isSame
      ? 'There is nothing to shrink: name a fixture that diverges with the current code.'
      : 'Find what is not recorded first: `npx reprise replay` names it.',
    fields: { fixture: path, verdict },
  });
}
