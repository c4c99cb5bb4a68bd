// Keys: where in a run something happened. Never when, and never in which order it completed.
//   A step is  `<step>`                 3
//   a task     `<step>.<rank>`          3.0
//   an attempt `<step>.<rank>#<attempt>` 3.0#1      (attempts count from 1, steps and ranks from 0)
//   and what runs inside a subgraph's attempt nests below it: 3.0#1/2.1#1 is a task of its inner step 2.
//   A clean-up  `<attempt>!<number>`     3.0#1!0    is what a function does that the attempt registered for the case that
//   it is stopped. It is named like an attempt, since its effects belong to it as those of an attempt do. They count from 0
//   in the order of their registration.
// Step 0 is the input: its commit holds the first state. The first tasks run in step 1.
declare const brand: unique symbol;
/**
 * The key of a step, such as `3`, or `3.0#1/2` for step 2 of the subgraph that attempt `3.0#1` runs. It says where in a
 * run something happened, never when.
 */
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

export function cleanUpKey(attempt: AttemptKey, number: number): AttemptKey {
  return `${attempt}!${number}` as AttemptKey;
}

export function isCleanUpKey(key: string): boolean {
  return key.includes('!');
}

/** The attempt that a clean-up belongs to. Any other attempt is itself. */
export function attemptOfCleanUp(key: AttemptKey): AttemptKey {
  const end = key.indexOf('!');
  return (end < 0 ? key : key.slice(0, end)) as AttemptKey;
}

/** The number of a clean-up of this attempt; -1 for any other key. */
export function cleanUpNumber(key: string, attempt: AttemptKey): number {
  return key.startsWith(`${attempt}!`) ? Number(key.slice(attempt.length + 1)) : -1;
}

const keyShape = /^\d+(?:\.\d+#\d+\/\d+)*(?:\.\d+(?:#\d+(?:!\d+)?)?)?$/;

/** Whether a text has the shape of a key: keys in files are untrusted. */
export function isKey(text: string): boolean {
  return text.length <= 4_096 && keyShape.test(text);
}

/** Whether a text is the key of a step of an inner run. */
export function isInnerStepKey(text: string): text is StepKey {
  return isKey(text) && /\/\d+$/.test(text);
}

export function isAttemptKey(text: string): text is AttemptKey {
  return isKey(text) && /#\d+(?:!\d+)?$/.test(text);
}

/** In place of an inner step: an attempt cleans up after all of them. */
const afterInnerSteps = Number.MAX_SAFE_INTEGER;

/** The numbers of a key from the outermost inwards: step, rank, attempt, inner step, … */
export function keyNumbers(key: string): readonly number[] {
  if (key === '') return [];
  const numbers: number[] = [];
  let number = 0;
  for (let place = 0; place < key.length; place += 1) {
    const digit = key.charCodeAt(place) - zero;
    if (digit >= 0 && digit <= 9) number = number * 10 + digit;
    else {
      numbers.push(number);
      if (key[place] === '!') numbers.push(afterInnerSteps);
      number = 0;
    }
  }
  numbers.push(number);
  return numbers;
}

const zero = 48;

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

/** The task of the run itself that a key belongs to. */
export function rootTask(key: string): TaskKey {
  const end = key.indexOf('#');
  return (end < 0 ? key : key.slice(0, end)) as TaskKey;
}

export function attemptNumber(attempt: AttemptKey): number {
  return Number.parseInt(attempt.slice(attempt.lastIndexOf('#') + 1), 10);
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
