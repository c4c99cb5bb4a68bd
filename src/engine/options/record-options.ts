// Which runs of an engine become fixtures, and where these go.
import { anyFunction, filledText, numberIn, oneOf, required, wholeNumber } from '../../base/options/option-kind.ts';
import { either, optionsIn } from '../../base/options/option-parts.ts';
import { redactKind } from '../../journal/redact/rule/redact-option.ts';
import type { RedactOptions } from '../../journal/redact/rule/redaction-rules.ts';

/** A run that has ended, as a policy sees it. */
export interface EndedRun {
  readonly runId: string;
  /** The name of its graph. */
  readonly graph: string;
  readonly status: 'done' | 'failed' | 'cancelled';
  /** Of a failed run. */
  readonly error?: Error;
  readonly labels: Readonly<Record<string, string>>;
  readonly steps: number;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** A fixture on its way out. */
export interface RecordedFixture {
  /** `<graph>/<run id>.run.jsonl`: the same for each try. */
  readonly name: string;
  /** Its bytes, redacted. Read it to its end: a fixture that was read in part counts as not written. */
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Which runs of an engine become fixtures, and where those go. Give it to `createEngine` to collect failures from
 * production as tests.
 */
export interface RecordOptions {
  /**
   * Which runs are recorded: `failed` (the default), `all`, `never`, or a function that is asked once a run has ended. It
   * has to answer at once.
   */
  readonly when?: 'failed' | 'all' | 'never' | ((run: EndedRun) => boolean);
  /** Of those, how many: from 0 to 1, by a draw from the seed of the run; 1 by default. */
  readonly sample?: number;
  /** A folder, in which each fixture becomes `<graph>/<run id>.run.jsonl`; or a function that takes it, such as an upload. */
  readonly to: string | ((fixture: RecordedFixture) => Promise<void>);
  /** How large a fixture may be, in bytes; 16 MB by default. A larger one is not kept: `not-recorded: too large`. */
  readonly maxBytes?: number;
  /** What the fixtures must not hold besides credentials. */
  readonly redact?: RedactOptions;
}

export const recordKind = optionsIn<RecordOptions>({
  when: either(oneOf('failed', 'all', 'never'), { ...anyFunction, wanted: 'a function of an ended run' }),
  sample: numberIn({ least: 0, most: 1 }),
  to: required(either({ ...filledText, wanted: 'a folder' }, { ...anyFunction, wanted: 'a function of a fixture' })),
  maxBytes: wholeNumber({ least: 1, orInfinity: true }),
  redact: redactKind,
});
