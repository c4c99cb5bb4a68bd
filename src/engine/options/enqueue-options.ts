// The options of `engine.enqueue`.
import type { OptionKind } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import { newRunKinds } from './run-options.ts';
import type { NewRunOptions } from './run-options.ts';

/** How `engine.enqueue` stores a run for a worker: what a new run can be given, and when it may begin. */
export interface EnqueueOptions extends NewRunOptions {
  /** When the run may begin: a date, or milliseconds since 1970. At once by default. Its `timeoutMs` counts from then. */
  readonly at?: Date | number;
}

const timeMax = 8.64e15;

const moment: OptionKind = {
  wanted: 'a date, or milliseconds since 1970',
  fits: (value) => {
    const time = value instanceof Date ? value.getTime() : value;
    return typeof time === 'number' && Math.abs(time) <= timeMax;
  },
};

export const enqueueOptions = optionShape<EnqueueOptions>('engine.enqueue', { ...newRunKinds, at: moment });

/** @throws RepriseError `option-invalid` */
export function checkedEnqueue(options: EnqueueOptions): NewRunOptions & { readonly at: number | undefined } {
  checkOptions(enqueueOptions, options);
  const { at } = options;
  return { ...options, at: at === undefined ? undefined : Math.ceil(Number(at)) };
}
