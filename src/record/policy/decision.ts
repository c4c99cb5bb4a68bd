// Whether an ended run is recorded: a function of the policy, the run and its seed.
import { drawStream } from '../../base/draw.ts';
import { messageOf } from '../../base/error.ts';
import type { EndedRun, RecordOptions } from '../../engine/options/record-options.ts';

export type Policy = Pick<RecordOptions, 'when' | 'sample'>;

/** `why`: what the run is marked with. */
export type Decision =
  | { readonly isRecorded: true }
  | { readonly isRecorded: false; readonly why: string; readonly fault?: true };

const notAskedFor: Decision = { isRecorded: false, why: 'not asked for' };

/** What the status alone tells: then nothing of the run has to be read. */
export function decidedByStatus(
  { when = 'failed', sample = 1 }: Policy,
  status: EndedRun['status'],
): Decision | undefined {
  if (when === 'never' || (when === 'failed' && status !== 'failed') || sample === 0) return notAskedFor;
  return typeof when === 'function' || sample < 1 ? undefined : { isRecorded: true };
}

export function decided({ when = 'failed', sample = 1 }: Policy, run: EndedRun, seed: string): Decision {
  // A run that is not in the sample is not asked about.
  if (drawStream(seed, 'record').next() >= sample) return { isRecorded: false, why: 'not in the sample' };
  if (typeof when !== 'function') return decidedByStatus({ when }, run.status) ?? notAskedFor;
  try {
    const answer: unknown = when(run);
    if (typeof answer === 'boolean') return answer ? { isRecorded: true } : notAskedFor;
    const isLate = answer instanceof Promise;
    // What it comes to is too late, and must not end the process.
    if (isLate) answer.catch(() => undefined);
    const why = `the policy did not answer true or false${isLate ? ': `when` must not be async' : ''}`;
    return { isRecorded: false, why, fault: true };
  } catch (thrown) {
    return { isRecorded: false, why: `the policy threw: ${messageOf(thrown)}`, fault: true };
  }
}
