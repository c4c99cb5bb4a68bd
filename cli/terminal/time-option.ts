import { InvalidArgumentError } from 'commander';

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses a point in time, in milliseconds since 1970: a span before now, such as `24h`, or a date. */
export function timeBefore(text: string): number {
  return Date.now() - (spanMs(text) ?? Date.now() - dateOf(text));
}

function spanMs(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const ms = unitMs[unit];
  return ms === undefined ? undefined : Number(count) * ms;
}

function dateOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a span such as 30m, 24h or 7d, or a date.');
  return time;
}
