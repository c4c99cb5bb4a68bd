import type { AttemptResult, OutcomeEntry } from '../../journal/entry.ts';
import { stacksOf } from '../../journal/error/stacks.ts';
import type { RunningAttempt } from './task-state.ts';

type Ended = Pick<RunningAttempt, 'at' | 'node' | 'order'> & Partial<Pick<RunningAttempt, 'observed'>>;

/** `times`: of one that was made here, in milliseconds since 1970. */
export function outcomeEntry(
  { at, node, order, observed: seen }: Ended,
  result: AttemptResult,
  times: { readonly began: number; readonly ended: number },
): OutcomeEntry {
  const stacks = result.status === 'done' ? undefined : (stacksOf(result.error) ?? seen?.stacks);
  const { began, ended } = seen ?? times;
  const observed = {
    began,
    ended,
    ...(order === undefined ? {} : { order }),
    ...(stacks === undefined ? {} : { stacks }),
  };
  return { kind: 'outcome', at, node, result, observed };
}
