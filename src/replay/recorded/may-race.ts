// Whether the order in which things came may be behind what differs in a step.
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { stepOfTask, taskOfAttempt } from '../../journal/key.ts';
import type { StepKey, TaskKey } from '../../journal/key.ts';

/**
 * Certainly not where one task was alone, and waited for one thing at a time. `isNumbered`: whether the recording says so;
 * otherwise two effects of an attempt may have been waited for at once.
 */
export function mayRace({ entries, beside }: CanonicalStep, isNumbered: boolean): boolean {
  const tasks = new Map<StepKey, TaskKey>();
  const asking = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== 'effect' && entry.kind !== 'outcome') continue;
    if (entry.observed.order !== undefined) return true;
    const task = taskOfAttempt(entry.at);
    const step = stepOfTask(task);
    if ((tasks.get(step) ?? task) !== task) return true;
    tasks.set(step, task);
    if (isNumbered || entry.kind === 'outcome') continue;
    if (asking.has(entry.at)) return true;
    asking.add(entry.at);
  }
  return beside.some((entry) => entry.kind === 'ambient' && entry.observed.firings !== undefined);
}
