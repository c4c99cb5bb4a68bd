// Drives one run from a checkpoint to its end, and journals that end.
import type { GraphSpec } from '../../graph/spec.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';
import type { RunEnd } from '../../journal/entry.ts';
import { rootScope, stepKey } from '../../journal/key.ts';
import { adviceOf } from '../../journal/error/advice.ts';
import { stacksOf } from '../../journal/error/stacks.ts';
import type { Question } from '../../journal/step/question.ts';
import { endOfWait } from '../rules/due.ts';
import { runResult } from '../rules/run-result.ts';
import type { ResultParts } from '../rules/run-result.ts';
import type { RunParts } from '../run/run-parts.ts';
import type { Stop } from '../run/run-stop.ts';
import { ScopeRun } from './scope-run.ts';
import type { ScopeCheckpoint, ScopeEnd } from './scope-run.ts';

/** What a run waited for when it was stopped. */
interface Waits {
  readonly questions: readonly Question[];
  /** The names of the signals that it waits for. */
  readonly signals: readonly string[];
  /** When the first of its long waits is over. */
  readonly wakeAt: number | undefined;
  /** The last message that it looked at, if it waits for one. */
  readonly seen: number | undefined;
}

const noWaits: Waits = { questions: [], signals: [], wakeAt: undefined, seen: undefined };

interface Fault {
  readonly kind: 'faulty';
  readonly thrown: unknown;
}

export class RunDrive {
  readonly #parts: RunParts;
  readonly #root: ScopeRun;
  #waits = noWaits;
  #giveUp: () => void = () => undefined;

  constructor(parts: RunParts, graph: GraphSpec, checkpoint: ScopeCheckpoint) {
    this.#parts = parts;
    this.#root = new ScopeRun(parts, graph, rootScope, checkpoint);
    parts.stop.whenStopping((reason) => {
      parts.pool.stopWaiting();
      // Read before the attempts that ask are stopped and their questions withdrawn.
      const { questions, rest, inbox } = parts;
      const seen = inbox.isAwaited ? inbox.seen : undefined;
      this.#waits = { questions: questions.open, signals: inbox.signals, wakeAt: rest.wakeAt, seen };
      this.#root.stop(reason);
      // After a bug in Reprise a task may never end.
      if (parts.stop.current?.kind === 'faulty') this.#giveUp();
    });
  }

  async run(): Promise<AnyRun> {
    const { stop } = this.#parts;
    const scopeEnd = await this.#scopeEnd();
    await this.#quiet();
    await this.#lateAnswers();
    this.#close();
    const stopped = stop.current;
    if (stopped?.kind === 'broken') throw stopped.thrown;
    if (stopped?.kind === 'faulty') return this.#giveBackFaulty(stopped.thrown);
    if (scopeEnd.kind === 'faulty') return this.#giveBackFaulty(scopeEnd.thrown);
    if (stopped !== undefined && stopped.kind !== 'ended' && scopeEnd.kind === 'stopped')
      return this.#giveBack(stopped);
    return this.#end(scopeEnd, stopped?.kind === 'ended' ? stopped.end : undefined);
  }

  /** Nothing of the run is journaled after its end, or after it was released. */
  #close(): void {
    const { pool, notes } = this.#parts;
    pool.close();
    notes.close(stepKey(rootScope, this.#root.checkpoint.step + 1));
  }

  #scopeEnd(): Promise<ScopeEnd | Fault> {
    return new Promise((resolve) => {
      const giveUp = (): void => resolve({ kind: 'stopped' });
      this.#giveUp = giveUp;
      this.#root.run().then(resolve, (thrown: unknown) => {
        // A failing store has already stopped the run. Anything else is a bug in Reprise, not an end of the run.
        this.#parts.stop.fail('faulty', thrown);
        resolve({ kind: 'faulty', thrown });
      });
    });
  }

  /** Releases the run, so that it can be resumed once the bug is fixed. */
  async #giveBackFaulty(thrown: unknown): Promise<never> {
    try {
      await this.#parts.journal.release({ status: 'interrupted' });
    } catch {
      // The bug is what has to be reported.
    }
    throw thrown;
  }

  /** Releases the run before it has ended. */
  async #giveBack(stopped: Stop & { readonly kind: 'interrupted' | 'paused' | 'diverged' }): Promise<AnyRun> {
    const { journal, run, clock } = this.#parts;
    if (stopped.kind !== 'paused') {
      await journal.release(stopped.kind === 'diverged' ? 'left alone' : { status: 'interrupted' });
      if (stopped.kind === 'diverged') throw stopped.error;
      return this.#result({ status: 'interrupted' }, undefined);
    }
    const { questions, signals, wakeAt, seen } = this.#waits;
    const now = clock.now();
    const dueOf = ({ askedAt, dueAt }: Question): number | undefined =>
      dueAt === undefined ? undefined : endOfWait(now, askedAt, dueAt);
    const wake = first([wakeAt, ...questions.map(dueOf)]);
    // At its deadline it fails, also if nobody resumes it before.
    const due = first([wake.wakeAt, run.observed.terms?.deadline?.at]);
    await journal.release({ status: 'paused', ...due, ...(seen === undefined ? {} : { seen }) });
    const awaited = signals.length === 0 ? {} : { signals };
    return this.#result({ status: 'paused', questions, ...awaited, ...wake }, undefined);
  }

  async #end(scopeEnd: ScopeEnd, stopped: RunEnd | undefined): Promise<AnyRun> {
    const { journal, lingering, clock, run, errands, runId } = this.#parts;
    const end = runEnd(scopeEnd, stopped);
    const { detached } = lingering;
    const stacks = end.status === 'failed' ? stacksOf(end.error) : undefined;
    const nextStep = end.status === 'failed' && run.semantics > 1 ? adviceOf(end.error) : undefined;
    journal.add({
      kind: 'end',
      at: '',
      step: this.#root.checkpoint.step,
      end,
      observed: {
        time: clock.now(),
        ...(detached.length === 0 ? {} : { detached }),
        ...(stacks === undefined ? {} : { stacks }),
        ...(nextStep === undefined ? {} : { nextStep }),
      },
    });
    await journal.flush();
    errands?.runEnded(runId, end.status !== 'failed');
    return this.#result(end, scopeEnd.kind === 'failed' ? scopeEnd.node : undefined);
  }

  /** A run that stops has no time for what its nodes have left behind. */
  async #lateAnswers(): Promise<void> {
    const { pool, settings, stop } = this.#parts;
    if (settings.lateAnswersMs > 0 && stop.current === undefined) await pool.atRest(settings.lateAnswersMs);
  }

  #quiet(): Promise<void> {
    return new Promise((resolve) => this.#parts.lingering.after('run', resolve));
  }

  #result(end: ResultParts['end'], failedNode: string | undefined): AnyRun {
    const { runId, lingering, notes } = this.#parts;
    const { state, step } = this.#root.checkpoint;
    return runResult({
      runId,
      state,
      steps: step,
      end,
      ...(failedNode === undefined ? {} : { failedNode }),
      detached: lingering.detached,
      notes: notes.all,
    });
  }
}

/** A scope that ended by itself did so before the stop took effect. Only one that was stopped ends with the stop. */
function runEnd(scopeEnd: ScopeEnd, stopped: RunEnd | undefined): RunEnd {
  if (scopeEnd.kind === 'done') return { status: 'done' };
  if (scopeEnd.kind === 'failed') {
    return { status: 'failed', error: scopeEnd.error, ...(scopeEnd.task === undefined ? {} : { task: scopeEnd.task }) };
  }
  return stopped ?? { status: 'cancelled', reason: undefined };
}

function first(times: readonly (number | undefined)[]): { readonly wakeAt?: number } {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? {} : { wakeAt: Math.min(...known) };
}
