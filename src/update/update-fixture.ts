// Writes a fixture again, from a replay of it with today's code: what was recorded stays, what code computes is that of today.
//   U1. A recorded effect that is still asked for is kept as it is. One that is not is dropped, and listed.
//   U2. Nothing is performed, unless the outside may be asked. Then only what was not recorded is.
//   U3. Nothing that only the replay came to, such as a wait for what was not recorded, counts as what the code does.
//   U4. A run that fails by what was performed is not what anybody expects of the code: it is not written.
//   U5. The file is replaced by one that was seen to replay, or it stays byte for byte as it was.
import { trueOrFalse } from '../base/options/option-kind.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import { asksPeople } from '../diff/cause/next-step.ts';
import { compareKind } from '../diff/value/compare-settings.ts';
import type { CompareSettings } from '../diff/value/compare-settings.ts';
import { renamedNodes } from '../diff/graph/renamed-nodes.ts';
import type { AnyGraph, StateOf } from '../graph/built-graph.ts';
import type { Run } from '../graph/types/run-types.ts';
import { isLimitError } from '../journal/run/canonical.ts';
import type { CanonicalStep } from '../journal/run/canonical.ts';
import type { Entry } from '../journal/entry.ts';
import { entryIdentity, identityOfEffect } from '../journal/entry-identity.ts';
import type { RequestRulesOptions } from '../journal/http/request-rules.ts';
import { highestMark } from '../journal/redact/redaction-mark.ts';
import { redactKind } from '../journal/redact/rule/redact-option.ts';
import type { RedactOptions, RedactionRules } from '../journal/redact/rule/redaction-rules.ts';
import { appliedRules, mergedRules, redactionRules } from '../journal/redact/rule/redaction-rules.ts';
import { withNodeNames } from '../journal/run/renamed-nodes.ts';
import type { NodeNames } from '../journal/run/renamed-nodes.ts';
import { inOwnTurns } from '../live/event-loop/turns.ts';
import { rulesKinds } from '../live/http/options/rules-option.ts';
import { isCutOff } from '../replay/session/adoption.ts';
import type { RedactAdopted } from '../replay/session/adoption.ts';
import { checkName, replay } from '../replay/replay.ts';
import type { ReplayReport } from '../replay/session/replay-report.ts';
import { madeGraph } from '../replay/session/made-graph.ts';
import { ReplaySession } from '../replay/session/replay-session.ts';
import type { PlacedRequest } from '../replay/world/observations.ts';
import type { UpdatedFixture } from '../report/update/update-facts.ts';
import { openFixture } from '../store/fixture/open-fixture.ts';
import type { Fixture, WholeStep } from '../store/fixture/open-fixture.ts';
import { saveFixture } from '../store/fixture/file/save-fixture.ts';
import { writeRun } from '../store/fixture/write-fixture.ts';
import { changesOf, described, madeUpIn } from './changes.ts';
import type { ChangedEffects } from './changes.ts';
import { checkNodes } from './other-name.ts';
import { RecordedRun } from './recorded-run.ts';
import { credentialFailure, liveFailure } from './live-failure.ts';
import type { Ends } from './live-failure.ts';
import { mergedStep } from './merged-step.ts';
import type { AnsweredFrom, MergedStep } from './merged-step.ts';

/**
 * What `updateFixture` may ask the outside, and what it leaves as it was. Without options nothing is sent: a fixture
 * that lacks an answer is refused.
 */
export interface UpdateOptions extends RequestRulesOptions {
  /**
   * Performs what the code asks for and the fixture does not hold, for real, and records it. Without it, such a fixture
   * stays as it is.
   */
  readonly live?: boolean;
  /**
   * With `live`: performs also what is made of redacted values, with their marks in the place of them. Without it, such a
   * fixture stays as it is: a model can be asked about `person-1@redacted.invalid`, but a mail to it, or a payment with a card
   * of zeros, is meant for nobody.
   */
  readonly sendMarks?: boolean;
  /**
   * Takes a graph of another name for that of the fixture, which was renamed. Its nodes have to have the names that the fixture
   * knows: rename it first, and change its nodes after that.
   */
  readonly acceptName?: boolean;
  /** What differs only there stays as it was recorded. */
  readonly compare?: CompareSettings;
  /** The rules of the project: the new file is redacted by them as well as by those of the fixture. */
  readonly redact?: RedactOptions;
}

export const updateOptions = optionShape<UpdateOptions>('updateFixture', {
  live: trueOrFalse,
  sendMarks: trueOrFalse,
  acceptName: trueOrFalse,
  compare: compareKind,
  redact: redactKind,
  ...rulesKinds,
});

/**
 * The result of `updateFixture`: whether the file was written, what changed in it, and the run as today's code makes
 * it.
 */
export interface Updated<State> extends UpdatedFixture {
  /** The run as today's code makes it. */
  readonly run: Run<State>;
  /** Where it differs from the recording. For a fixture that was refused: what was in the way. */
  readonly report: ReplayReport;
}

/**
 * Accepts what today's code does with a recorded run: replays the fixture and writes it again.
 *
 * Recorded effects that the code still asks for are kept byte for byte, what code computes is taken from the replay, and
 * effects that nothing asks for any more are dropped. If the code asks for something that was not recorded, the file stays as
 * it is, and the verdict is `refused`.
 *
 * `graph` may be a function that makes the graph: it is called for the update and for each replay of the new file, so that
 * none finds what another has left in a variable. What such a variable answers would be taken for an effect that the code no
 * longer asks for.
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `fixture-other-graph`,
 *   `fixture-unwritable`, `option-invalid`
 */
export async function updateFixture<G extends AnyGraph>(
  graph: G | (() => G | Promise<G>),
  path: string,
  options: UpdateOptions = noOptions,
): Promise<Updated<StateOf<G>>> {
  checkOptions(updateOptions, options);
  using fixture = await openFixture(path, inOwnTurns);
  const today = await madeGraph(graph, fixture);
  if (options.acceptName === true) checkNodes(today, fixture);
  else checkName(today, fixture);
  const update = new Update({ today, again: graph }, fixture, options);
  return (await update.run()) as Updated<StateOf<G>>;
}

interface Graphs {
  readonly today: AnyGraph;
  /** For the replays of the new file. */
  readonly again: AnyGraph | (() => AnyGraph | Promise<AnyGraph>);
}

class Update {
  readonly #again: Graphs['again'];
  readonly #fixture: Fixture;
  readonly #options: UpdateOptions;
  readonly #names: NodeNames;
  readonly #session: ReplaySession;
  readonly #recorded: RecordedRun;
  readonly #steps: MergedStep[] = [];
  /** What is said of attempts in steps that are gone. */
  #rest: readonly Entry[] = [];
  #markNumber = 0;

  constructor({ today, again }: Graphs, fixture: Fixture, options: UpdateOptions) {
    const { live = false, sendMarks = false, acceptName: _name, ...rules } = options;
    this.#again = again;
    this.#fixture = fixture;
    this.#options = options;
    this.#names = renamedNodes(fixture.run.graph, today.spec.description);
    this.#recorded = new RecordedRun(this.#wholeSteps());
    this.#session = new ReplaySession(today, fixture, rules, {
      asksOutside: live,
      sendsMarks: sendMarks,
      names: this.#names,
      step: (replayed, redact) => this.#add(replayed, redact),
    });
  }

  async run(): Promise<Updated<unknown>> {
    const run = (await this.#session.run()) as Run<unknown>;
    this.#rest = this.#recorded.rest();
    const report = this.#session.report();
    const made = (
      verdict: UpdatedFixture['verdict'],
      why?: UpdatedFixture['why'],
      seen: ReplayReport = report,
    ): Updated<unknown> => {
      const changes =
        verdict === 'updated' ? changesOf(this.#names, report.divergences, this.#effects, this.#ends) : [];
      const fixture = this.#fixture.path;
      return {
        fixture,
        verdict,
        ...(verdict === 'updated' ? madeUpIn(report) : {}),
        ...(why === undefined ? {} : { why }),
        changes,
        run,
        report: seen,
      };
    };
    if (this.#session.lacksAnswers && asksPeople(report.divergences)) return made('refused', 'nobody is asked');
    const { marked, missing, late } = this.#session.observations;
    if (marked.length > 0) return { ...made('refused', 'redacted'), missing: described(marked) };
    if (this.#session.lacksAnswers)
      return {
        ...made('refused', 'not recorded'),
        missing: described([...[...missing.values()].flat(), ...late.missing.map(({ ref }) => ref)]),
      };
    if (this.#session.hasOwnError) return made('refused', 'stalled');
    if (hasReachedLimit(this.#steps)) return made('refused', 'limit reached');
    const failure = liveFailure(this.#ends, this.#effects.performed);
    if (failure !== undefined) return { ...made('refused', 'failed live'), failure };
    if (!this.#isChanged) return made('unchanged');
    if (this.#rules.unknown.length > 0) return made('refused', 'rule unknown');
    const seen = await this.#save();
    if (seen.verdict === 'same') return made('updated');
    const lacking = credentialFailure(this.#ends, this.#session.credentialAsked);
    return lacking === undefined
      ? made('refused', 'does not replay', seen)
      : { ...made('refused', 'failed live'), failure: lacking };
  }

  #add(replayed: CanonicalStep, redact: RedactAdopted): void {
    const [only] = replayed.entries;
    // The recording has no end, and its replay none that counts.
    if (this.#recorded.end === undefined && only?.kind === 'end' && isCutOff(only.end)) return;
    const { partners, moved, adopted, followed, performed, late } = this.#session.observations;
    const recorded = this.#recorded.laid(this.#steps.length, replayed.entries, partners, followed.number);
    const answered: AnsweredFrom = {
      partners,
      moved: new Set([...moved].map(entryIdentity)),
      adopted: (identity) => {
        const effect = adopted.get(identity);
        return effect && this.#recorded.whole(effect);
      },
      pooled: { late: pooledIdentities(late.performed), rests: pooledIdentities(performed) },
      today: (at) => this.#recorded.today(at),
      next: followed.next,
      redact,
    };
    this.#steps.push(mergedStep(recorded, asOfFixture(replayed, recorded), answered));
  }

  get #ends(): Ends {
    return { recorded: this.#recorded.end, replayed: this.#entries.find((entry) => entry.kind === 'end')?.end };
  }

  /** The recorded steps, with today's names of nodes. */
  *#wholeSteps(): Generator<WholeStep> {
    for (const whole of this.#fixture.wholeSteps()) {
      for (const entry of whole.happened) this.#markNumber = Math.max(this.#markNumber, highestMark(entry));
      const named = new Map(whole.happened.map((entry) => [entry, withNodeNames(entry, this.#names)]));
      const { step, entries, beside, happened } = whole;
      const of = <Kind extends Entry>(entry: Kind): Kind => (named.get(entry) ?? entry) as Kind;
      yield { step, entries: entries.map(of), beside: beside.map(of), happened: happened.map(of) };
    }
  }

  /** Those of the new fixture, in their order. */
  get #entries(): readonly Entry[] {
    const all = this.#steps.map(({ entries }) => entries);
    return [...all.slice(0, -1), this.#rest, ...all.slice(-1)].flat();
  }

  /** What the fixture lost, and what it got. */
  get #effects(): ChangedEffects {
    const kept = new Set(this.#steps.flatMap((step) => step.kept));
    const effects = this.#recorded.entries.filter((entry) => entry.kind === 'effect');
    return {
      dropped: effects.filter((effect) => !kept.has(entryIdentity(effect))),
      performed: this.#steps.flatMap(({ performed }) => performed),
      marked: this.#steps.flatMap(({ marked }) => marked),
    };
  }

  get #isChanged(): boolean {
    const isShorter = this.#steps.length < this.#recorded.stepCount;
    return this.#names.size > 0 || isShorter || this.#steps.some(({ isChanged }) => isChanged);
  }

  /** What is new is redacted as the rest was, and as the project wants it today. */
  get #rules(): RedactionRules {
    const today = redactionRules(this.#options.redact ?? noOptions);
    return mergedRules(appliedRules(this.#fixture.redaction, today), today);
  }

  /** Writes the new fixture and replays it. It takes the place of the old one only if it comes out the same. */
  async #save(): Promise<ReplayReport> {
    const entries = this.#entries;
    const { hasObserved, mayNotReplay, isEdited, path } = this.#fixture;
    const written = { observed: hasObserved, rules: this.#rules, mayNotReplay, isEdited, markNumber: this.#markNumber };
    const bytes = writeRun(() => inOrder(entries), written);
    const { live: _live, sendMarks: _marks, acceptName: _name, ...replaying } = this.#options;
    const seen: ReplayReport[] = [];
    await saveFixture(path, bytes, { force: true }, async (beside) => {
      const { report } = await replay(this.#again, beside, replaying);
      seen.push({ ...report, fixture: path });
      return report.verdict === 'same';
    });
    return seen[0] as ReplayReport;
  }
}

async function* inOrder(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}

/** A limit is not what the code came to: what it would have done beyond is not known. */
function hasReachedLimit(steps: readonly MergedStep[]): boolean {
  const last = steps.at(-1);
  const end = last?.entries.find((entry) => entry.kind === 'end');
  return last?.isChanged === true && end?.end.status === 'failed' && isLimitError(end.end.error);
}

/** Of the run itself, only its graph is another today. */
function asOfFixture(replayed: CanonicalStep, recorded: WholeStep | undefined): CanonicalStep {
  const run = recorded?.entries.find((entry) => entry.kind === 'run');
  if (run === undefined) return replayed;
  const entries = replayed.entries.map((entry) =>
    entry.kind === 'run' ? { ...run, graph: entry.graph, fingerprint: entry.fingerprint } : entry,
  );
  return { ...replayed, entries };
}

function pooledIdentities(requests: readonly PlacedRequest[]): ReadonlySet<string> {
  return new Set(requests.map(({ replayedAt, ref }) => identityOfEffect('pooled', replayedAt, ref)));
}
