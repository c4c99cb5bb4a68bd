import { InvalidArgumentError } from 'commander';

/** Parses the value of an option. Commander turns the error into one of wrong use. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return number;
}

export function portNumber(text: string): number {
  const number = wholeNumber(text);
  if (number > 65_535) throw new InvalidArgumentError('It must be a port, 65535 at most.');
  return number;
}
