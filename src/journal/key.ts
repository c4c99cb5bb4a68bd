// Keys: where in a run something happened. Never when, and never in which order it completed.
//   A step is  `<step>`                 3
//   a task     `<step>.<rank>`          3.0
//   an attempt `<step>.<rank>#<attempt>` 3.0#1      (attempts count from 1, steps and ranks from 0)
//   and what runs inside a subgraph's attempt nests below it: 3.0#1/2.1#1 is a task of its inner step 2.
// Step 0 is the input: its commit holds the first state. The first tasks run in step 1.
declare const brand: unique symbol;
export type StepKey = string & { readonly [brand]: 'step' };
export type TaskKey = string & { readonly [brand]: 'task' };
export type AttemptKey = string & { readonly [brand]: 'attempt' };
/** The attempt that a scope runs inside. The run itself is the root scope. */
export type ScopeKey = AttemptKey | '';
export const rootScope: ScopeKey = '';

export function stepKey(scope: ScopeKey, step: number): StepKey {
  return (scope === '' ? String(step) : `${scope}/${step}`) as StepKey;
}

export function taskKey(step: StepKey, rank: number): TaskKey {
  return `${step}.${rank}` as TaskKey;
}

export function attemptKey(task: TaskKey, attempt: number): AttemptKey {
  return `${task}#${attempt}` as AttemptKey;
}

const keyShape = /^\d+(?:\.\d+#\d+\/\d+)*(?:\.\d+(?:#\d+)?)?$/;

/** Whether a text has the shape of a key: keys in files are untrusted. */
export function isKey(text: string): boolean {
  return text.length <= 4_096 && keyShape.test(text);
}

export function isAttemptKey(text: string): text is AttemptKey {
  return isKey(text) && /#\d+$/.test(text);
}

/** The numbers of a key from the outermost inwards: step, rank, attempt, inner step, … */
export function keyNumbers(key: string): readonly number[] {
  return key === '' ? [] : key.split(/[.#/]/).map(Number);
}

export function scopeOfStep(step: StepKey): ScopeKey {
  const end = step.lastIndexOf('/');
  return (end < 0 ? '' : step.slice(0, end)) as ScopeKey;
}

export function stepNumber(step: StepKey): number {
  return Number(step.slice(step.lastIndexOf('/') + 1));
}

export function taskOfAttempt(attempt: AttemptKey): TaskKey {
  return attempt.slice(0, attempt.lastIndexOf('#')) as TaskKey;
}

export function attemptNumber(attempt: AttemptKey): number {
  return Number(attempt.slice(attempt.lastIndexOf('#') + 1));
}

export function stepOfTask(task: TaskKey): StepKey {
  return task.slice(0, task.lastIndexOf('.')) as StepKey;
}

export function rankOfTask(task: TaskKey): number {
  return Number(task.slice(task.lastIndexOf('.') + 1));
}

/** By numbers from the outermost inwards, a key before what nests below it. */
export function compareKeys(left: string, right: string): number {
  const leftNumbers = keyNumbers(left);
  const rightNumbers = keyNumbers(right);
  const shared = Math.min(leftNumbers.length, rightNumbers.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (leftNumbers[index] as number) - (rightNumbers[index] as number);
    if (difference !== 0) return difference;
  }
  return leftNumbers.length - rightNumbers.length;
}
