// A request may ask for trouble in its `x-trial` header: `x-trial: fail=2; key=a`, `x-trial: break-after=3`. Any client
// can send the header with any request, so an unchanged client needs no other URL for it.

export interface Trial {
  /** How many requests with this key get status 500 before one succeeds. */
  readonly fail: number;
  readonly key: string;
  /** How long the provider pauses before each event. */
  readonly pauseMs: number;
  /** The connection breaks after this many events. */
  readonly breakAfter: number;
  readonly gzip: boolean;
  /** The status of a redirect to the same path, 307 for example; 0 for none. */
  readonly redirect: number;
}

export class UnknownTrial extends Error {}

export function parseTrial(header: string): Trial {
  const wishes = new Map<string, string>();
  for (const part of header.split(';').filter((text) => text.trim() !== '')) {
    const [name = '', value = '1'] = part.trim().split('=', 2);
    wishes.set(name, value);
  }
  const take = (name: string): string | undefined => {
    const value = wishes.get(name);
    wishes.delete(name);
    return value;
  };
  const trial = {
    fail: count('fail', take('fail')) ?? 0,
    key: take('key') ?? '',
    pauseMs: count('pause-ms', take('pause-ms')) ?? 0,
    breakAfter: count('break-after', take('break-after')) ?? Number.POSITIVE_INFINITY,
    gzip: take('gzip') !== undefined,
    redirect: count('redirect', take('redirect')) ?? 0,
  };
  if (wishes.size > 0) throw new UnknownTrial(`x-trial knows no "${[...wishes.keys()].join('", "')}"`);
  return trial;
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new UnknownTrial(`x-trial needs a number for "${name}", not "${text}"`);
  return Number(text);
}
