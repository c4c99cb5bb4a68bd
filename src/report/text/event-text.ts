// What happens in a run, in words, from the key that a schedule names it by.
import { parseAddress } from '../../journal/address.ts';
import { oneLine } from './plain-text.ts';

/**
 * For example: the answer to "model" of "research" (2.0#1). `node`: whose it is, if that is known. `asked`: what was asked for,
 * where the key does not say it.
 */
export function eventText(key: string, node: string, asked?: string): string {
  const [, address = key, more] = /^(.*?)(?:\/(request|timer|part:\d+))?$/.exec(key) ?? [];
  const effect = parseAddress(address);
  if (effect === undefined) return attemptEventText(key, node);
  const whose = ofAttempt(effect.at, node);
  const number = more?.startsWith('part:') === true ? Number(more.slice(5)) + 1 : undefined;
  const name = asked ?? (effect.type === 'http' ? 'HTTP' : `"${oneLine(effect.name)}"`);
  const further = effect.occurrence === 0 ? '' : ` (number ${effect.occurrence + 1} of its like)`;
  if (number !== undefined) return `part ${number} of the answer to ${name}${further}${whose}`;
  if (more === 'request') return `the request ${name}${further}${whose}`;
  if (more === 'timer') return `the time limit of ${name}${further}${whose}`;
  if (effect.type === 'sleep') return `the end of the sleep ${name}${further}${whose}`;
  return `the answer to ${name}${further}${whose}`;
}

const words: Readonly<Record<string, string>> = {
  start: 'the start',
  retry: 'the further attempt',
  timeout: 'the time limit',
};

function attemptEventText(key: string, node: string): string {
  const [, at = '', kind = '', place = ''] = /^([^:]*):([a-z]+)(?::(.*))?$/.exec(key) ?? [];
  const whose = ofAttempt(at, node);
  if (kind === 'chunk') return `chunk ${Number(place) + 1}${whose}`;
  if (kind === 'timer') return `a timer of ${place.split(':', 1)[0]} ms${whose}`;
  return `${words[kind] ?? oneLine(key)}${whose}`;
}

function ofAttempt(at: string, node: string): string {
  return node === '' ? ` of ${at}` : ` of "${oneLine(node)}" (${at})`;
}
