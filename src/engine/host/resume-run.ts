// Resumes a stored run: folds its journal, takes its lease, and prepares it to be driven from there.
import { EffectHistory, freshNote } from '../../journal/step/effect-history.ts';
import { breakpointAt, hasBegun } from '../../journal/run/breakpoints.ts';
import type { NoteEntry, RunEnd, RunEntry } from '../../journal/entry.ts';
import type { RequestRules } from '../../journal/run-facts.ts';
import { unfollowedRules } from '../../journal/http/request-rules.ts';
import type { RunFold } from '../../journal/fold/run-fold.ts';
import type { Piece } from '../../base/in-pieces.ts';
import { canonicalValue } from '../../base/value.ts';
import { undoneNotes } from '../../journal/step/stops.ts';
import { withoutVoid } from '../../journal/run/void-entries.ts';
import { attemptKey, rootScope, stepKey } from '../../journal/key.ts';
import type { StepKey, TaskKey } from '../../journal/key.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { Inbox } from '../../port/inbox.ts';
import { inTurns } from '../../port/in-turns.ts';
import type { CancelRequest, Lease, RunStore } from '../../port/store.ts';
import { RunDrive } from '../drive/run-drive.ts';
import type { ResumeOptions } from '../options/run-options.ts';
import { notResumable } from '../rules/engine-errors.ts';
import { takeoverLimit } from '../rules/run-limits.ts';
import { checkBreakpoints, sameTerms, termsAfter, termsNow } from '../rules/run-terms.ts';
import { heldEntries } from '../run/journal/held-entries.ts';
import { QuestionDesk } from '../run/question-desk.ts';
import type { RunParts } from '../run/run-parts.ts';
import { RunStop } from '../run/run-stop.ts';
import type { GivenAnswer } from '../stored/answers.ts';
import { clockNotes, inTime } from '../stored/resume/clock-ahead.ts';
import { decisionNotes } from '../stored/resume/decisions.ts';
import { noSuchQuestion } from '../stored/question-errors.ts';
import { foldRest, foldRun } from '../stored/fold-run.ts';
import { ResumeFold } from '../stored/resume/resume-fold.ts';
import { forcedNote, wasForced } from '../stored/forced.ts';
import { stalledNote } from '../stored/resume/stalls.ts';
import { tasksUnderWay } from '../stored/resume/under-way.ts';
import { upgradeEdit, upgradeProblems } from '../stored/resume/upgrade.ts';
import { resumedWorld } from '../world/resumed-world.ts';
import { rulesOf } from './begin-run.ts';
import type { OwnedRun } from './begin-run.ts';
import type { RunContext } from './host-ports.ts';
import { makeRun } from './make-run.ts';
import type { OwnDue } from './worker/due-runs.ts';
import type { OwnClaim, Owner } from './owner.ts';

export interface ResumeSetup {
  readonly runId: string;
  readonly options: ResumeOptions;
  readonly owner: Owner;
  /** `takeover`: nobody asked for this who could see where the run had stopped. It stays at a breakpoint. */
  readonly by: 'caller' | 'takeover';
  /** It was due, and is this owner's already. */
  readonly claimed?: OwnDue | undefined;
  /** A run that only waits leaves memory if the wait is at least this long, in milliseconds. */
  readonly parkMs: number;
}

/**
 * @throws RepriseError `run-unknown`, `run-not-resumable`, `run-owned`, `not-in-doubt`, `option-invalid`,
 *   `migration-failed`, and what the store throws
 */
export async function resumeRun(context: RunContext, setup: ResumeSetup): Promise<OwnedRun> {
  const { graph, ports } = context;
  const { runId, options, owner } = setup;
  checkBreakpoints(graph, options);
  await ports.clock.ready?.();
  const isAtRest = setup.by === 'caller' && (await isPausedOrFailed(ports.store, runId));
  const beside = setup.claimed && readBeside(ports.store, runId, setup.claimed);
  const fold = new ResumeFold();
  const place = await foldRun(ports.store, runId, fold);
  checkResumable(runId, fold, graph, options);
  decisionNotes(runId, fold, options, ports.clock.now());
  const claim = setup.claimed?.claim ?? owner.claim();
  const lease = setup.claimed?.lease ?? (await ports.store.take(runId, claim.claim));
  // From now on: a long journal takes longer to read than a lease lasts.
  owner.keep(claim);
  try {
    // Its owner may have driven it until just now, so everything is checked again; not so if it was taken before it was read.
    const more = setup.claimed === undefined ? await foldRest(ports.store, runId, fold, place) : 0;
    await inTurns(ports.loop, betweenLooks(fold));
    const run = checkResumable(runId, fold, graph, options);
    const time = ports.clock.now();
    const notes = [
      ...termsNotes(fold, options, isAtRest, time),
      ...undoneIn(fold, time),
      ...(options.fresh === true ? freshNotes(fold, time) : []),
      ...decisionNotes(runId, fold, options, time),
      ...(options.force === true ? [forcedNote(fold.step, time)] : []),
      ...clockNotes(fold.openStep, fold.step, time),
      ...(lease.isFromLiving === true ? [stalledNote(fold.step, time)] : []),
      ...fold.takeovers.notes(lease.takeovers ?? 0, { step: fold.step, place: place + more, time }),
    ];
    // Durable before anything else happens: the next process that takes the run over has to know.
    if (notes.length > 0) await ports.store.append(lease, notes, undefined, place + more);
    for (const note of notes) fold.add(note);
    await inTurns(ports.loop, betweenLooks(fold));
    const storedCount = place + more + notes.length;
    const inbox = await (beside?.inbox ?? ports.store.inbox(runId));
    const stored = { run, lease, claim, ownLease: owner, storedCount, parkMs: setup.parkMs };
    const { decidedBy } = options;
    const isForced = options.force === true || wasForced(fold, graph.fingerprint);
    const work = makeResumed(context, fold, { ...stored, inbox, decidedBy, isForced });
    const owned = await inTurns(ports.loop, work);
    const requests = await (beside?.cancels ?? ports.store.cancelRequests(owner.id));
    const request = requests.find((wanted) => wanted.runId === runId);
    if (request !== undefined) owned.parts.stop.cancel(request.reason);
    const takeovers = (lease.takeovers ?? 0) + fold.stalls.counted;
    const limit = takeoverLimit(takeovers, context.settings.maxTakeovers, () => tasksUnderWay(fold));
    if (limit !== undefined)
      owned.parts.stop.end({ status: 'failed', error: canonicalValue(limit, 'error') }, limit, { isAbrupt: true });
    return owned;
  } catch (thrown) {
    await owner.letGo(lease);
    throw thrown;
  }
}

/** What is read of a run while its journal is: it was claimed, so nobody else takes a message of it meanwhile. */
function readBeside(
  store: RunStore,
  runId: string,
  claimed: OwnDue,
): { readonly inbox: Promise<Inbox>; readonly cancels: Promise<readonly CancelRequest[]> } {
  const read = async (): Promise<Inbox> => store.inbox(runId);
  const beside = { inbox: read(), cancels: claimed.cancels() };
  // A caller that needs them hears of it; a run that cannot be resumed needs none.
  for (const each of [beside.inbox, beside.cancels]) each.catch(() => undefined);
  return beside;
}

async function isPausedOrFailed(store: RunStore, runId: string): Promise<boolean> {
  const status = (await store.find(runId))?.status;
  return status === 'paused' || status === 'failed';
}

/** What a failed run's stopped attempts ask for again. */
function undoneIn({ end, openStep }: RunFold, time: number): readonly NoteEntry[] {
  return end === undefined ? [] : undoneNotes(withoutVoid(openStep), time);
}

/** `isAtRest`: the caller could see that the run had stopped, and where. */
function termsNotes(fold: ResumeFold, options: ResumeOptions, isAtRest: boolean, time: number): readonly NoteEntry[] {
  const { run, step } = fold;
  if (run === undefined) return [];
  const before = run.observed.terms;
  const given = termsAfter(termsNow(before, time), options, time);
  const { observed } = run;
  const breakpoint = given && breakpointAt({ ...run, observed: { ...observed, terms: given } }, fold);
  const isPassed = breakpoint !== undefined && (isAtRest || hasBegun(fold.openStep));
  const terms = isPassed ? { ...given, passed: step } : (given ?? {});
  if (sameTerms(terms, before ?? {})) return [];
  const message = isPassed
    ? `the run was resumed past its breakpoint ${breakpoint}`
    : 'the run was resumed with other terms';
  return [{ kind: 'note', at: stepKey(rootScope, step + 1), what: 'terms', message, observed: { time, terms } }];
}

interface Stored {
  readonly run: RunEntry;
  readonly lease: Lease;
  readonly claim: OwnClaim;
  readonly ownLease: Owner;
  readonly storedCount: number;
  readonly parkMs: number;
  readonly inbox: Inbox;
  readonly decidedBy: string | undefined;
  readonly isForced: boolean;
}

const largeStep = 1_000;

/** What is next looks at the open step as a whole. */
function* betweenLooks({ openStep }: ResumeFold): Generator<Piece, void> {
  yield openStep.length < largeStep ? undefined : 'large';
}

/** In pieces: the open step may have many thousand entries. */
function* makeResumed(context: RunContext, fold: ResumeFold, given: Stored): Generator<Piece, OwnedRun> {
  const { isForced, inbox, decidedBy, ...stored } = given;
  const { graph, ports } = context;
  const { runId } = stored.run.observed;
  const stop = new RunStop(runId);
  const piece = fold.openStep.length < largeStep ? undefined : 'large';
  const { failedTasks } = fold;
  yield piece;
  const openStep = inTime(withoutVoid([...fold.openStep]), ports.clock.now());
  yield piece;
  const world = yield* resumedWorld(ports.world, openStep, {
    clock: ports.clock,
    force: isForced,
    failedTasks,
    diverged: (error) => stop.diverge(error),
  });
  const upgrade = fold.run?.fingerprint === graph.fingerprint ? undefined : upgradeEdit(fold, graph, ports.clock.now());
  const { limitErrors } = fold;
  yield piece;
  const endedInnerSteps = yield* fold.endedInnerSteps();
  const history = new EffectHistory([...fold.openStep], stored.run.semantics, isForced);
  yield* history.reading();
  const held = openStep.length === 0 ? undefined : yield* heldEntries(openStep, ports.clock, isForced);
  yield piece;
  const questions = new QuestionDesk(openStep);
  yield piece;
  if (upgrade !== undefined) fold.add(upgrade);
  const parts = makeRun(context, {
    ...stored,
    run: fold.run ?? stored.run,
    stop,
    world,
    resumed: { history, held, questions, inbox, decidedBy, limitErrors, endedInnerSteps, upgrade },
  });
  noteOtherRules(parts, stepKey(rootScope, fold.step + 1), rulesOf(ports.sources));
  if (fold.stoppedBy !== undefined) endAgain(stop, fold.stoppedBy);
  return { lease: stored.lease, claim: stored.claim, parts, drive: new RunDrive(parts, graph, fold.checkpoint) };
}

/** The run was about to end like this when its process died. */
function endAgain(stop: RunStop, end: RunEnd): void {
  if (end.status === 'cancelled') stop.cancel(end.reason);
  else if (end.status === 'failed') stop.end(end, end.error as Error);
}

/** A run keeps the rules that it began with. */
function noteOtherRules({ run, notes }: RunParts, at: StepKey, given: RequestRules | undefined): void {
  if (run.rules === undefined || given === undefined) return;
  for (const rule of unfollowedRules(run.rules, given)) {
    const message = `\`${rule}\` of this engine differs from that of the engine that began the run, which counts`;
    notes.add({ kind: 'other-rules', at, node: '', message });
  }
}

/** Later attempts of the tasks that had failed ask for everything again. */
function freshNotes({ failedTasks }: ResumeFold, time: number): readonly NoteEntry[] {
  const message = 'the run was resumed with `fresh`: later attempts of the task ask for everything again';
  return [...failedTasks].map(([task, last]) => {
    const at = attemptKey(task as TaskKey, last);
    return { kind: 'note', at, what: freshNote, message, observed: { time } };
  });
}

/** Whether a fork could be driven. @throws like `resumeRun` */
export function checkFork(graph: GraphSpec, parentId: string, fold: RunFold, options: ResumeOptions): void {
  checkResumable(parentId, fold, graph, options);
  // It begins with no question open.
  const [given] = answersOf(options);
  if (given !== undefined) throw noSuchQuestion({ runId: parentId, keyOrId: given.keyOrId, open: [] });
}

export function answersOf(options: ResumeOptions): readonly GivenAnswer[] {
  const named = Object.entries(options.answers ?? {}).map(([keyOrId, value]) => ({ keyOrId, value }));
  return 'answer' in options ? [{ keyOrId: undefined, value: options.answer }, ...named] : named;
}

export function checkResumable(
  runId: string,
  fold: RunFold,
  graph: GraphSpec,
  { force, fresh }: ResumeOptions,
): RunEntry {
  const { run } = fold;
  if (run === undefined || fold.step < 0) throw notResumable(runId, 'it had not begun', 'Run it again.');
  if (fold.end !== undefined && fold.end.status !== 'failed')
    throw notResumable(
      runId,
      `it is ${fold.end.status}`,
      `See it with \`npx reprise show ${runId}\`.`,
      fold.end.status,
    );
  if (fresh === true && fold.end === undefined)
    throw notResumable(runId, 'it has not failed, so no attempt is left to ask `fresh`', 'Resume it without `fresh`.');
  if (run.graph.name !== graph.name)
    throw notResumable(runId, `it is a run of graph "${run.graph.name}"`, 'Resume it with that graph.');
  const isUpgrade = run.fingerprint !== graph.fingerprint && force !== true;
  const problems = isUpgrade ? upgradeProblems(run.graph, graph, fold) : [];
  if (problems.length > 0) {
    throw notResumable(
      runId,
      `the graph has changed where the run has yet to go: ${problems.join('; ')}`,
      'Resume it with the code that began it, or pass `force` to resume it anyway.',
    );
  }
  return run;
}
