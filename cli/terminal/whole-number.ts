import { InvalidArgumentError } from 'commander';

/** Parses the value of an option. Commander turns the error into one of wrong use. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return number;
}
