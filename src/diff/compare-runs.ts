// Compares two whole runs, without their code. It leaves out everything observed, and also:
// the seed, since two production runs never share one, and different draws show in what was done with them;
// and the run id, which names a run but is not part of it.
import { DrivenVersions } from '../journal/run/driven-versions.ts';
import type { Entry, RunEnd, RunEntry } from '../journal/entry.ts';
import { redactEntry } from '../journal/redact/redact-entry.ts';
import { ComparedMarks } from '../journal/redact/redaction-marks.ts';
import type { RedactionMarks } from '../journal/redact/redaction-marks.ts';
import { blankEntry } from '../journal/redact/rule/blank.ts';
import { credentialsAlone, mergedRules } from '../journal/redact/rule/redaction-rules.ts';
import type { RedactionRules } from '../journal/redact/rule/redaction-rules.ts';
import { wholeNumber } from '../base/options/option-kind.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import type { ComparedCounts } from './divergence-log.ts';
import type { Divergence } from './divergence.ts';
import { graphDifferences } from './graph/graph-divergence.ts';
import { causesOfRuns } from './cause/possible-causes.ts';
import type { PossibleCauses } from './cause/possible-causes.ts';
import { rootCauses } from './cause/root-cause.ts';
import type { Evidence, RootCause } from './cause/root-cause.ts';
import { RunComparer } from './compare/run-comparer.ts';

interface ReadStep {
  readonly entries: readonly Entry[];
  readonly beside?: readonly Entry[];
}
type Steps = Iterable<ReadStep> | AsyncIterable<ReadStep>;

/**
 * A run as `compareRuns` reads it. `openRun` of `reprise/replay` gives one for a fixture or a stored run; the steps are
 * read once, so each comparison needs a new one.
 */
export interface RunView {
  readonly run: RunEntry;
  /** The canonical entries, step by step. */
  readonly steps: Steps;
  /** Its credentials are replaced by marks. Then those of the other run are too before they are compared. */
  readonly isRedacted?: boolean;
  /** By which rules, if not by those for credentials alone. */
  readonly redaction?: RedactionRules;
  /** Somebody has changed it by hand. */
  readonly isEdited?: boolean;
}

/**
 * The result of `compareRuns`: whether two runs did the same, every difference in order, and which differences caused
 * the others. It is plain data; `comparisonText` of `reprise/report` makes text of it.
 */
export interface Comparison {
  readonly verdict: 'same' | 'diverged';
  /** In canonical order; those of the effects of one attempt as they were asked for, if both runs say so. */
  readonly divergences: readonly Divergence[];
  /** How many more divergences there are than the list holds. */
  readonly omitted: number;
  readonly compared: ComparedCounts;
  /** The divergences that follow from no other, each with its class and what it leads to. */
  readonly roots: readonly RootCause[];
  /** What else may be behind a divergence; absent if there is none. */
  readonly causes?: PossibleCauses;
  /** Steps that only one of the runs has. */
  readonly onlyRecorded: number;
  readonly onlyReplayed: number;
}

/** How much `compareRuns` reports. The verdict is the same with any of these settings. */
export interface CompareRunsOptions {
  /** How many divergences to list; 100 by default. */
  readonly maxDivergences?: number;
}

export const compareOptions = optionShape<CompareRunsOptions>('compareRuns', {
  maxDivergences: wholeNumber({ least: 0, orInfinity: true }),
});

/** Compares two runs: where they diverge, and what follows from it. @throws RepriseError `option-invalid` */
export async function compareRuns(
  recorded: RunView,
  replayed: RunView,
  options: CompareRunsOptions = noOptions,
): Promise<Comparison> {
  checkOptions(compareOptions, options);
  const { maxDivergences = 100 } = options;
  const graph =
    recorded.run.fingerprint === replayed.run.fingerprint
      ? []
      : graphDifferences(recorded.run.graph, replayed.run.graph);
  const comparer = new RunComparer({ mode: 'effects', isAskedFirst: true });
  const isRedacted = recorded.isRedacted === true || replayed.isRedacted === true;
  const rules = mergedRules(recorded.redaction ?? credentialsAlone, replayed.redaction ?? credentialsAlone);
  const left = new Reader(recorded.steps, isRedacted && recorded.isRedacted !== true, rules);
  const right = new Reader(replayed.steps, isRedacted, rules);
  for (;;) {
    const [leftStep, rightStep] = await Promise.all([left.next(), right.next()]);
    if (leftStep === undefined && rightStep === undefined) break;
    if (leftStep === undefined || rightStep === undefined) continue;
    const recordedStep = left.redacted(leftStep);
    comparer.add(recordedStep, right.redacted(rightStep, leftStep));
  }
  const found = [...comparer.divergences, ...unfinished(left, right)];
  const all = [...graph, ...found.map((divergence) => shifted(divergence, graph.length))];
  const listed = all.slice(0, maxDivergences);
  return {
    verdict: all.length === 0 ? 'same' : 'diverged',
    divergences: listed,
    roots: ofNewsFirst(
      listed,
      rootCauses({
        divergences: listed,
        graph: recorded.run.graph,
        mayBeRace: true,
        isEdited: recorded.isEdited === true || replayed.isEdited === true,
        ...drivenByOthers(left.versions, right.versions),
      }),
    ),
    omitted: Math.max(0, all.length - maxDivergences),
    compared: comparer.counts,
    ...(all.length === 0 ? {} : { causes: causesOfRuns(recorded.run, replayed.run) }),
    onlyRecorded: Math.max(0, left.commits - right.commits),
    onlyReplayed: Math.max(0, right.commits - left.commits),
  };
}

/** What is known of the versions that have driven either run. */
function drivenByOthers(left: DrivenVersions, right: DrivenVersions): Pick<Evidence, 'madeBy' | 'hasDriven'> {
  const begunWith = (versions: DrivenVersions): string => versions.fingerprintAt(0) ?? '';
  return {
    madeBy: (step) =>
      left.madeBy(step, right.fingerprintAt(step) ?? '') ?? right.madeBy(step, left.fingerprintAt(step) ?? ''),
    hasDriven:
      (left.areSeveral && left.hasBeenDrivenBy(begunWith(right))) ||
      (right.areSeveral && right.hasBeenDrivenBy(begunWith(left))),
  };
}

/** An answer that differs and leads to nothing, as by an ID that is drawn for each, comes last. */
function ofNewsFirst(divergences: readonly Divergence[], roots: readonly RootCause[]): readonly RootCause[] {
  const isIdle = ({ place, leadsTo }: RootCause): boolean =>
    leadsTo.length === 0 && divergences[place]?.kind === 'answer';
  return [...roots.filter((root) => !isIdle(root)), ...roots.filter(isIdle)];
}

/** Moves a reference into the list along with the list. */
export function shifted(found: Divergence, by: number): Divergence {
  return found.follows === undefined ? found : { ...found, follows: found.follows + by };
}

/** Reports a journal that stops without an end, if the other does not stop at the same step. */
function unfinished(left: Reader, right: Reader): readonly Divergence[] {
  if (left.end !== undefined && right.end !== undefined) return [];
  const recorded = left.standing;
  const replayed = right.standing;
  if (recorded === replayed) return [];
  const step = Math.min(left.commits, right.commits);
  return [{ kind: 'error', at: '', step, path: 'end', recorded, replayed }];
}

/** Reads a journal step by step, and tracks how far it got. */
class Reader {
  commits = 0;
  end: RunEnd | undefined;
  readonly versions = new DrivenVersions();
  readonly #steps: Iterator<ReadStep> | AsyncIterator<ReadStep>;

  readonly #marks: RedactionMarks | undefined;
  readonly #places: RedactionRules['places'];

  constructor(steps: Steps, redacts: boolean, rules: RedactionRules) {
    this.#places = rules.places;
    this.#marks = redacts ? new ComparedMarks('of another run', { ...rules, places: [] }) : undefined;
    this.#steps = Symbol.asyncIterator in steps ? steps[Symbol.asyncIterator]() : steps[Symbol.iterator]();
  }

  async next(): Promise<readonly Entry[] | undefined> {
    const next = await this.#steps.next();
    if (next.done === true) return undefined;
    const { entries, beside = [] } = next.value;
    for (const entry of entries) {
      this.versions.add(entry);
      if (entry.kind === 'end') this.end = entry.end;
      // The commit of the input is not a step.
      if (entry.kind === 'commit' && !entry.at.includes('/') && entry.at !== '0') this.commits += 1;
    }
    for (const entry of beside) this.versions.add(entry);
    return entries;
  }

  /** What both have in common, as the same objects, was redacted by the rules of both. */
  redacted(entries: readonly Entry[], others: readonly Entry[] = []): readonly Entry[] {
    const marks = this.#marks;
    const places = this.#places;
    if (places.length === 0 && marks === undefined) return entries;
    const common = new Set(others);
    return entries.map((entry) => {
      const blank = places.length === 0 ? entry : blankEntry(entry, places);
      return marks === undefined || common.has(entry) ? blank : redactEntry(blank, marks);
    });
  }

  get standing(): string {
    return this.end === undefined
      ? `unfinished after step ${this.commits}`
      : `${this.end.status} after step ${this.commits}`;
  }
}
