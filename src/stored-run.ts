// What can be done with a stored run without its code. It sits above the rooms it joins.
import { cancelRun } from './engine/stored/cancel-run.ts';
import { answerableQuestions, sendAnswers } from './engine/stored/answers.ts';
import type { SentAnswer } from './engine/stored/answers.ts';
import { foldRun } from './engine/stored/fold-run.ts';
import { sendSignal } from './engine/stored/send-signal.ts';
import { checkQuestionName } from './engine/options/message-options.ts';
import { claimOf } from './engine/host/owner.ts';
import { entriesOfErrand, errandKind, errandPlace, isErrandName } from './journal/errand.ts';
import { entryIdentity } from './journal/entry-identity.ts';
import { fullAddressText } from './journal/address.ts';
import { EffectHistory } from './journal/step/effect-history.ts';
import { identityOfEffect } from './journal/entry-identity.ts';
import { keyedDoubts } from './journal/run/idempotency-key.ts';
import { semanticsVersion } from './journal/entry.ts';
import type { EffectType, Entry } from './journal/entry.ts';
import { stepNumber, stepOfTask, taskOfAttempt } from './journal/key.ts';
import { RunFold } from './journal/fold/run-fold.ts';
import { awaitedSignals } from './journal/step/question.ts';
import type { Question } from './journal/step/question.ts';
import { liveClock } from './live/clock.ts';
import { liveEntropy } from './live/entropy.ts';
import type { Value } from './base/value.ts';
import type { Lease, RunStore, RunSummary } from './port/store.ts';
import type { LiveWorker, StrandedRun } from './port/workers.ts';

/**
 * Cancels a run of a store, whichever process drives it. That process learns of it within a second; if none drives the
 * run, it ends here, unless it may have something to clean up: then it ends with the next process that drives it. Resolves to
 * whether there was anything left to cancel.
 *
 * @throws RepriseError `run-unknown`, `unstorable` for a reason that cannot be kept, and what the store throws
 */
export async function cancelStoredRun(store: RunStore, runId: string, reason?: unknown): Promise<boolean> {
  const claim = claimOf(liveEntropy.owner?.() ?? '', liveEntropy.isGone);
  const now = (): Promise<number> => storeTime(store);
  // What cannot be released either is free once the claim is over: nobody renews it.
  const letGo = (lease: Lease): Promise<void> => Promise.resolve(store.release(lease)).catch(() => undefined);
  return (await cancelRun(store, { runId, reason, claim, now, letGo })) !== 'had ended';
}

/** The questions of a stored run that can be answered now. @throws RepriseError `run-unknown` */
export async function openQuestionsOf(store: RunStore, runId: string): Promise<readonly Question[]> {
  return answerableQuestions(store, runId, await storeTime(store));
}

/** The names of the signals that a stored run waits for. @throws RepriseError `run-unknown` */
export async function awaitedSignalsOf(store: RunStore, runId: string): Promise<readonly string[]> {
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  return fold.end === undefined ? awaitedSignals(fold.openStep) : [];
}

/** The labels of a stored run: those that it began with, or was given when it was resumed. @throws RepriseError `run-unknown` */
export async function labelsOf(store: RunStore, runId: string): Promise<Readonly<Record<string, string>>> {
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  return fold.run?.observed.terms?.labels ?? {};
}

/**
 * Answers an open question of a run of a store, by its key or its id; without either, the only one that is open. The
 * answer is durable when this resolves, and counts only for what was asked then. The process that drives the run takes it
 * up within a second; otherwise a worker or a resume does. Resolves to the question.
 *
 * @throws RepriseError `run-unknown`, `run-ended`, `question-unknown`, `question-answered`, `question-expired`,
 *   `answer-invalid` for one that decides nothing about an effect in doubt, `unstorable`, and what the store throws
 */
export async function answerStoredRun(
  store: RunStore,
  runId: string,
  keyOrId: string | undefined,
  value: unknown,
): Promise<Question> {
  checkQuestionName(keyOrId);
  const [sent] = await sendAnswers(store, runId, [{ keyOrId, value }], () => storeTime(store));
  return (sent as SentAnswer).question;
}

/**
 * Sends a signal to a run of a store. It is durable when this resolves. The run receives it once, as soon as a node waits
 * for a signal of that name.
 *
 * @throws RepriseError `run-unknown`, `run-ended`, `option-invalid`, `unstorable`, and what the store throws
 */
export async function sendToStoredRun(store: RunStore, runId: string, name: string, value?: unknown): Promise<void> {
  return sendSignal(store, runId, { name, value }, () => storeTime(store));
}

/** An effect of a run that began, and nobody knows whether it happened. */
export interface EffectInDoubt {
  /** What `resume(id, { decide })` calls it. */
  readonly address: string;
  readonly node: string;
  readonly type: EffectType;
  readonly name: string;
  readonly request: Value;
  /**
   * The key that it was performed with, and would be again: look it up on the other side. A request carried it only where
   * `idempotencyHeader` of `httpEffects` names a header.
   */
  readonly idempotencyKey: string;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  /** What was decided about it. It takes effect once the run is resumed and its node asks for the effect again. */
  readonly decided?: { readonly decision: Value; readonly by?: string };
  /**
   * A worker had begun it for a task, and its run has not heard of that yet. Resume the run first: it fails with
   * `effect-in-doubt`, and then it can be decided about.
   */
  readonly onWorker?: true;
}

/**
 * What is in doubt in a stored run: effects with an `onDoubt` policy other than `retry`, or marked `once`, whose process
 * died or whose attempt was stopped, on a worker too. While a process drives the run, they are those that are under way.
 *
 * @throws RepriseError `run-unknown`
 */
export async function effectsInDoubtOf(store: RunStore, runId: string): Promise<readonly EffectInDoubt[]> {
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  const { run } = fold;
  const onWorkers = fold.end === undefined ? await entriesOnWorkers(store, runId, fold) : [];
  const openStep = [...fold.openStep, ...onWorkers];
  const unheard = new Set(onWorkers.map(entryIdentity));
  const semantics = run?.semantics ?? semanticsVersion;
  const history = new EffectHistory(openStep, semantics);
  return keyedDoubts({ runId, semantics }, openStep, history).map((doubt) => {
    const { at, node, ref, time, decision, idempotencyKey } = doubt;
    const isUnheard = unheard.has(identityOfEffect('begin', doubt.at, doubt.ref));
    return Object.freeze({
      address: fullAddressText(at, ref),
      node,
      type: ref.type,
      name: ref.name,
      request: ref.request,
      idempotencyKey,
      beganAt: time,
      ...(decision === undefined ? {} : { decided: { decision: decision.decided, ...by(decision.by) } }),
      ...(isUnheard ? { onWorker: true as const } : {}),
    });
  });
}

/** What workers that are gone have done in the open step, and the journal of the run does not hold. */
async function entriesOnWorkers(
  store: RunStore,
  runId: string,
  { step, openStep }: RunFold,
): Promise<readonly Entry[]> {
  const { errands } = store;
  if (errands === undefined) return [];
  const ids = [...(await errands.of(runId))]
    .filter((id) => stepNumber(stepOfTask(taskOfAttempt(errandPlace(id).at))) === step + 1)
    .sort();
  const held = new Set(openStep.map(entryIdentity));
  const found: Entry[] = [];
  for (const id of ids) {
    if (await isUnderWay(store, id)) continue;
    const [entries = []] = await errands.journals([id]);
    found.push(...entriesOfErrand(entries).filter((entry) => !held.has(entryIdentity(entry))));
  }
  return found;
}

async function isUnderWay(store: RunStore, errandId: string): Promise<boolean> {
  const found = await store.find(errandId);
  if (found?.status !== 'running') return false;
  return !(await abandonedRunsOf(store, found.graph)).some((run) => run.runId === errandId);
}

/** As many as a store can be asked for. */
const allOfThem = 2 ** 31 - 1;

/**
 * Runs of a graph that are `running` and that nobody drives: their process has died, or its lease is over. A worker or a
 * resume takes them up. What was under way in them is in doubt.
 *
 * @throws RepriseError what the store throws
 */
export async function abandonedRunsOf(store: RunStore, graph: string): Promise<readonly RunSummary[]> {
  const due = await store.due(graph, allOfThem, liveEntropy.isGone);
  return due.filter(({ status }) => status === 'running');
}

/**
 * The workers of a store that live, those of runs and those of tasks, oldest first. A store that does not know its workers has
 * none. @throws what the store throws
 */
export async function liveWorkersOf(store: RunStore): Promise<readonly LiveWorker[]> {
  return ((await store.workers?.live(liveEntropy.isGone)) ?? []).map(withTasks);
}

/**
 * Runs of a store that are due and that no live worker has code for, or can continue with it (`isLeftAlone`), at most `limit`,
 * oldest first. Start a worker with the code that they were driven by, or resume them with `force`. A store that does not know
 * its workers has none.
 *
 * @throws RepriseError what the store throws
 */
export async function strandedRunsOf(store: RunStore, limit: number): Promise<readonly StrandedRun[]> {
  return (await store.workers?.stranded(limit, liveEntropy.isGone)) ?? [];
}

/** Tasks are due under graphs of their own. */
function withTasks(worker: LiveWorker): LiveWorker {
  const graphs = worker.graphs.filter(({ name }) => !isErrandName(name));
  const tasks = worker.graphs.filter(({ name }) => isErrandName(name)).map(({ name }) => errandKind(name));
  return tasks.length === 0 ? worker : { ...worker, graphs, tasks };
}

async function storeTime(store: RunStore): Promise<number> {
  return (await store.time?.()) ?? liveClock.now();
}

function by(name: string | undefined): { readonly by?: string } {
  return name === undefined ? {} : { by: name };
}
