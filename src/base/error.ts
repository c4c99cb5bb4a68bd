import { readable } from './error-class.ts';
import { docsPath } from './docs-path.ts';
import { severalLines } from './visible-text.ts';

/** Every error code of Reprise. Each has a page `docs/reference/errors/<code>.md`. */
export const errorCodes = [
  // values and graphs
  'unstorable',
  'value-too-large',
  'value-too-deep',
  'graph-invalid',
  'option-invalid',
  'input-invalid',
  'schema-async',
  'schema-failed',
  // a run
  'run-exists',
  'run-differs',
  'run-unknown',
  'run-not-resumable',
  'run-ended',
  'run-owned',
  'resume-diverged',
  'step-unknown',
  'question-unknown',
  'question-answered',
  'question-expired',
  'answer-invalid',
  'answer-timeout',
  'receive-timeout',
  'cursor-invalid',
  'migration-failed',
  'stream-taken',
  'chunks-dropped',
  'run-not-kept',
  'run-cancelled',
  'run-too-large',
  'limit-reached',
  'takeover-limit',
  'not-on-workers',
  'store-without-errands',
  'node-failed',
  'node-timeout',
  'node-output-invalid',
  'conflict',
  'reducer-failed',
  'state-invalid',
  'predicate-failed',
  'mapping-failed',
  'empty-route',
  'route-invalid',
  'no-progress',
  'state-mutated',
  'effect-nested',
  'effect-abandoned',
  'effect-in-doubt',
  'not-diverging',
  'not-in-doubt',
  'once-changed',
  'task-detached',
  'task-duplicate',
  'race-lost',
  'engine-closed',
  // replay
  'effect-missing',
  'effect-refused',
  'replay-stalled',
  // files, stores, the command line
  'fixture-unreadable',
  'fixture-unwritable',
  'schedules-damaged',
  'fixture-damaged',
  'fixture-version-unknown',
  'fixture-other-graph',
  'secret-found',
  'file-exists',
  'store-unreadable',
  'store-locked',
  'store-read-only',
  'store-version-unknown',
  'store-other-codec',
  'store-rewrite-needed',
  'store-closed',
  'store-full',
  'store-went-back',
  'store-unreachable',
  'lease-lost',
  'module-unloadable',
  'config-invalid',
  'usage',
  'node-too-old',
  'peer-missing',
] as const;
/** The code of an error of Reprise, such as `limit-reached`. Codes are stable, and each has a page in the reference. */
export type ErrorCode = (typeof errorCodes)[number];

/**
 * What a `RepriseError` says besides its code and message. You need it only if you make such errors yourself, as a
 * store of your own does.
 */
export interface ErrorDetail {
  /** What to do now, as an imperative sentence. */
  readonly nextStep: string;
  readonly cause?: unknown;
  /** Plain facts that a program may branch on (node, field, path, …). */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * Every error that Reprise itself throws.
 *
 * Branch on `code`, which is stable. The text may improve between releases. `fields` holds the facts that the text
 * names, and `cause` the underlying error.
 */
export class RepriseError extends Error {
  readonly code: ErrorCode;
  readonly nextStep: string;
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(code: ErrorCode, message: string, detail: ErrorDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'RepriseError';
    this.code = code;
    this.nextStep = detail.nextStep;
    this.fields = Object.freeze({ ...detail.fields });
  }
}

/** The full text for a person: what is wrong, what to do, and where to read more. Safe for a terminal. */
export function explainError(error: RepriseError): string {
  return severalLines(
    `${error.message}\n  next: ${error.nextStep}\n  see:  ${docsPath(`docs/reference/errors/${error.code}.md`)}`,
  );
}

export function messageOf(given: unknown): string {
  const thrown = readable(given);
  return thrown instanceof Error ? thrown.message : String(thrown);
}
