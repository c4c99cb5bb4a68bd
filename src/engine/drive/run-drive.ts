// Drives one run from a position to its end, and writes that end down.
import { canonicalValue } from '../../base/value.ts';
import { compareCodeUnits } from '../../base/compare.ts';
import { RepriseError } from '../../base/error.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { RunEnd } from '../../journal/entry.ts';
import { rootScope } from '../../journal/key.ts';
import type { Question } from '../../journal/question.ts';
import type { Cut, RunCore } from '../run/run-parts.ts';
import { runResult } from '../rules/run-result.ts';
import type { AnyRun } from '../../graph/run-types.ts';
import type { ResultParts } from '../rules/run-result.ts';
import { ScopeRun } from './scope-run.ts';
import type { Position, ScopeEnd } from './scope-run.ts';

export class RunDrive {
  readonly #core: RunCore;
  readonly #root: ScopeRun;
  /** What was asked of people when the run was cut. */
  #questions: readonly Question[] = [];
  /** When the first of its long waits was over. */
  #wakeAt: number | undefined;

  constructor(core: RunCore, graph: GraphSpec, position: Position) {
    this.#core = core;
    this.#root = new ScopeRun(core, graph, rootScope, position);
    core.onCut = (reason) => {
      // Before the attempts that ask are stopped, and their questions with them.
      this.#questions = [...core.questions.values()].sort((left, right) => compareCodeUnits(left.key, right.key));
      this.#wakeAt = core.parking.wakeAt;
      this.#root.stop(reason);
    };
  }

  cancel(reason: unknown): void {
    this.#core.cancel(reason);
  }

  /** Lets go of the run so that it can be resumed, by another process too. */
  interrupt(): void {
    this.#core.cutWith({ kind: 'interrupted' }, new Error('the engine is closing'));
  }

  /** The run took longer than it may. */
  expire(timeoutMs: number): void {
    const error = new RepriseError('limit-reached', `the run took longer than its ${timeoutMs} ms`, {
      nextStep: 'Raise `timeoutMs` of the run, or look at `reprise show` for what took so long.',
      fields: { limit: 'timeoutMs', timeoutMs },
    });
    const end: RunEnd = { status: 'failed', error: canonicalValue(error, 'error') };
    this.#core.cutWith({ kind: 'end', end }, error);
  }

  async drive(): Promise<AnyRun> {
    const core = this.#core;
    const scopeEnd = await this.#root.run().catch((thrown: unknown): ScopeEnd | Promise<ScopeEnd> => {
      // A store that fails has cut the run already; anything else is a fault of ours and must not be taken for an end.
      if (core.cut?.kind === 'broken') return { kind: 'stopped' };
      return this.#fault(thrown);
    });
    await this.#quiet();
    const cut = core.cut;
    if (cut?.kind === 'broken') throw cut.thrown;
    if (cut !== undefined && cut.kind !== 'end' && scopeEnd.kind === 'stopped') return this.#released(cut);
    return this.#end(scopeEnd);
  }

  /** A fault of ours: the run is nobody's, so that it may be gone on with once that is mended. */
  async #fault(thrown: unknown): Promise<never> {
    try {
      await this.#core.writer.release({ status: 'interrupted' });
    } catch {
      // The fault is what has to be told.
    }
    throw thrown;
  }

  /** Gives the run back unfinished. */
  async #released(cut: Cut): Promise<AnyRun> {
    const { writer } = this.#core;
    if (cut.kind !== 'paused') {
      await writer.release({ status: 'interrupted' });
      if (cut.kind === 'diverged') throw cut.error;
      return this.#result({ status: 'interrupted' }, undefined);
    }
    const questions = this.#questions;
    const due = [this.#wakeAt, ...questions.map(({ dueAt }) => dueAt)].filter((time) => time !== undefined);
    const wake = due.length === 0 ? {} : { wakeAt: Math.min(...due) };
    await writer.release({ status: 'paused', ...wake });
    if (cut.refused !== undefined) throw cut.refused;
    return this.#result({ status: 'paused', questions, ...wake }, undefined);
  }

  async #end(scopeEnd: ScopeEnd): Promise<AnyRun> {
    const core = this.#core;
    const end = runEnd(scopeEnd, core.cut?.kind === 'end' ? core.cut.end : undefined);
    const detached = core.lingering.detached;
    core.add({
      kind: 'end',
      at: '',
      step: this.#root.position.step,
      end,
      observed: { time: core.clock.now(), ...(detached.length === 0 ? {} : { detached }) },
    });
    await core.flush();
    return this.#result(end, scopeEnd.kind === 'failed' ? scopeEnd.node : undefined);
  }

  #quiet(): Promise<void> {
    return new Promise((resolve) => this.#core.lingering.after(() => true, resolve));
  }

  #result(end: ResultParts['end'], failedNode: string | undefined): AnyRun {
    const core = this.#core;
    const { state, step } = this.#root.position;
    return runResult({
      runId: core.runId,
      state,
      steps: step,
      end,
      ...(failedNode === undefined ? {} : { failedNode }),
      detached: core.lingering.detached,
      notes: core.notes.all,
    });
  }
}

/** A scope that came to its own end did so before the cut took hold; only one that was stopped ends by it. */
function runEnd(scopeEnd: ScopeEnd, cut: RunEnd | undefined): RunEnd {
  if (scopeEnd.kind === 'done') return { status: 'done' };
  if (scopeEnd.kind === 'failed') {
    return { status: 'failed', error: scopeEnd.error, ...(scopeEnd.task === undefined ? {} : { task: scopeEnd.task }) };
  }
  return cut ?? { status: 'cancelled', reason: undefined };
}
