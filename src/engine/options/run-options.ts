import { checkOptionKeys } from '../../base/option-check.ts';
import { checkText, count, invalid } from './option-values.ts';

/** Where a run pauses without being asked a question; go on with `resume`. */
export interface BreakpointOptions {
  /** Nodes before which the run pauses. */
  readonly pauseBefore?: readonly string[];
  /** Nodes after which it does, once their step is committed. */
  readonly pauseAfter?: readonly string[];
}

export interface ResumeOptions extends BreakpointOptions {
  /** The answer to the one question that is open. */
  readonly answer?: unknown;
  /** Answers by the keys of their questions. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** Go on though the graph has changed where the run still has to go, or asks for something else than it did. */
  readonly force?: boolean;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** How long the run may take from here, in milliseconds. Beyond: it fails with `limit-reached`. */
  readonly timeoutMs?: number;
}

export interface RunOptions extends BreakpointOptions {
  /** Names the run; by default one is made up. */
  readonly runId?: string;
  /** What random draws derive from; by default made up, and kept in the journal. */
  readonly seed?: string;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** If the id is taken: `error` (the default) is `run-exists`; `attach` gives the result of that run. */
  readonly onExisting?: 'error' | 'attach';
  /** How long the run may take, in milliseconds. Beyond: it fails with `limit-reached`. */
  readonly timeoutMs?: number;
}

export function checkRunOptions(options: RunOptions): void {
  checkOptionKeys(
    options,
    ['runId', 'seed', 'signal', 'onExisting', 'timeoutMs', 'pauseBefore', 'pauseAfter'],
    'engine.run',
  );
  checkBreakpoints(options);
  checkSignal(options);
  checkText(options.runId, 'runId');
  checkText(options.seed, 'seed');
  if (options.onExisting !== undefined && options.onExisting !== 'error' && options.onExisting !== 'attach') {
    throw invalid('onExisting', '"error" or "attach"', options.onExisting);
  }
}

export function checkResumeOptions(options: ResumeOptions): void {
  checkOptionKeys(
    options,
    ['answer', 'answers', 'force', 'signal', 'timeoutMs', 'pauseBefore', 'pauseAfter'],
    'engine.resume',
  );
  checkBreakpoints(options);
  checkSignal(options);
  if (options.force !== undefined && typeof options.force !== 'boolean')
    throw invalid('force', 'true or false', options.force);
  if (options.answers !== undefined && (typeof options.answers !== 'object' || options.answers === null))
    throw invalid('answers', 'an object of answers by the keys of their questions', options.answers);
  if (options.answers !== undefined && 'answer' in options)
    throw invalid('answer', 'either the one answer or all of them by their keys', options.answer);
}

export function checkSignal({ signal, timeoutMs }: Pick<RunOptions, 'signal' | 'timeoutMs'>): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('signal', 'an AbortSignal', signal);
  if (timeoutMs !== undefined) count(timeoutMs, 'timeoutMs', 0, 1);
}

function checkBreakpoints(options: BreakpointOptions): void {
  for (const name of ['pauseBefore', 'pauseAfter'] as const) {
    const given: unknown = options[name];
    if (given === undefined) continue;
    if (!Array.isArray(given) || !given.every((item) => typeof item === 'string'))
      throw invalid(name, 'a list of node names', given);
  }
}
