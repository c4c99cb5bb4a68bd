// The options of what a node calls on its context.
import { anyFunction, idText, numberIn, oneOf, text, trueOrFalse } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { listOf } from '../../base/options/option-parts.ts';
import { checkArgument, optionShape } from '../../base/options/option-shape.ts';
import type {
  AskOptions,
  CleanUpEffectOptions,
  EffectOptions,
  EmitOptions,
  OnStopOptions,
  ReceiveOptions,
} from '../../graph/types/context-types.ts';
import { retryKind } from '../../graph/build/node-policy.ts';
import { schemaKind } from '../../graph/types/standard-schema.ts';

const branchesKind: OptionKind = {
  wanted: 'an object of functions, each under the name of its branch',
  fits: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(([name, branch]) => idText.fits(name) && typeof branch === 'function'),
};

/** @throws RepriseError `option-invalid` */
export function checkRace(name: unknown, branches: unknown): void {
  checkArgument('race', 'name', idText, name);
  checkArgument('race', 'branches', branchesKind, branches);
}

/** A colon would end the name inside the key of the question. */
const questionName: OptionKind = {
  wanted: 'a string of 1 to 200 characters without a colon or control characters',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  fits: (value) => typeof value === 'string' && /^[^:\u0000-\u001f]{1,200}$/.test(value),
};

export const effectOptions = optionShape<EffectOptions>(
  'effect',
  {
    key: text,
    once: trueOrFalse,
    repeat: trueOrFalse,
    onDoubt: oneOf('retry', 'fail', 'ask'),
    retry: retryKind,
  },
  ({ once, repeat }) =>
    once === true && repeat === true ? { option: 'repeat', wanted: 'absent where `once` is true' } : undefined,
);

export const cleanUpEffectOptions = optionShape<CleanUpEffectOptions>('effect of a clean-up', { key: text });

export const onStopOptions = optionShape<OnStopOptions>('onStop', { undoes: listOf(text, 'names of effects') });

export const askOptions = optionShape<AskOptions>('ask', {
  name: questionName,
  schema: schemaKind,
  timeoutMs: numberIn({ above: 0 }),
});

export const receiveOptions = optionShape<ReceiveOptions>('receive', { timeoutMs: numberIn({ above: 0 }) });

export const emitOptions = optionShape<EmitOptions>('emit', { stream: text });

/** @throws RepriseError `option-invalid` */
export function checkCleanUp(cleanUp: unknown): void {
  checkArgument('onStop', 'cleanUp', anyFunction, cleanUp);
}

const sleepDelay = numberIn({ least: 0 });

/** @throws RepriseError `option-invalid` */
export function checkDelay(delayMs: unknown): void {
  checkArgument('sleep', 'delayMs', sleepDelay, delayMs);
}

const sleepEnd: OptionKind = {
  wanted: 'a valid date, or milliseconds since 1970',
  fits: (value) => Number.isFinite(value instanceof Date ? value.getTime() : value),
};

/** Milliseconds since 1970. @throws RepriseError `option-invalid` */
export function checkedTime(time: unknown): number {
  checkArgument('sleepUntil', 'time', sleepEnd, time);
  return Number(time);
}

/** @throws RepriseError `option-invalid` */
export function checkLabel(label: unknown, door = 'label'): void {
  checkArgument(door, 'label', idText, label);
}
