// What is wrong with an option, as data, and the two sentences that say so.
import { RepriseError } from '../error.ts';
import { nearestName } from '../nearest-name.ts';
import { oneLine } from '../visible-text.ts';

export type OptionFault = {
  /** The option by name, as in `retry.attempts`; empty if the options as a whole are at fault. */
  readonly option: string;
  /** The exact place, as in `pauseBefore[1]`. */
  readonly at: string;
} & (
  | { readonly kind: 'value'; readonly given: unknown; readonly wanted: string }
  | { readonly kind: 'key'; readonly key: string; readonly wanted: string }
  | { readonly kind: 'unknown'; readonly key: string; readonly known: readonly string[] }
);

export interface FaultText {
  readonly message: string;
  readonly nextStep: string;
}

export type FaultNoun = 'option' | 'argument' | 'field' | 'key';

/** The whole value is at fault. */
export function valueFault(given: unknown, wanted: string): OptionFault {
  return { kind: 'value', option: '', at: '', given, wanted };
}

/** `door`: what was called, such as `engine.run`. */
export function faultText(door: string, fault: OptionFault, noun: FaultNoun = 'option'): FaultText {
  const name = `${noun} "${shortened(oneLine(fault.at))}"`;
  switch (fault.kind) {
    case 'value': {
      const is = fault.at === '' ? `the ${noun}s are` : `${name} is`;
      return { message: `${door}: ${is} ${shownValue(fault.given)}`, nextStep: `Give ${fault.wanted}.` };
    }
    case 'key': {
      const has = fault.at === '' ? `the ${noun}s have` : `${name} has`;
      return { message: `${door}: ${has} a key ${shownValue(fault.key)}`, nextStep: `Give ${fault.wanted}.` };
    }
    case 'unknown': {
      const nearest = nearestName(fault.key, fault.known);
      return {
        message: `${door}: unknown ${name}`,
        nextStep: nearest === undefined ? `Known ${noun}s: ${fault.known.join(', ')}.` : `Did you mean "${nearest}"?`,
      };
    }
  }
}

export function optionError(door: string, fault: OptionFault, noun?: FaultNoun): RepriseError {
  const { message, nextStep } = faultText(door, fault, noun);
  const option = fault.option === '' ? 'options' : fault.option;
  return new RepriseError('option-invalid', message, { nextStep, fields: { option } });
}

const shownLengthMax = 60;

function shortened(shown: string): string {
  return shown.length <= shownLengthMax ? shown : `${shown.slice(0, shownLengthMax - 1).toWellFormed()}…`;
}

/** Never looks into an object: that could run code of the caller or reveal a secret. */
function shownValue(given: unknown): string {
  switch (typeof given) {
    case 'undefined':
      return 'missing';
    case 'string':
      return shortened(oneLine(JSON.stringify(given)));
    case 'function':
      return 'a function';
    case 'object':
      return given === null ? 'null' : Array.isArray(given) ? 'a list' : 'an object';
    default:
      return shortened(oneLine(String(given)));
  }
}
