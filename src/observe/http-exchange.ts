// Reads an HTTP effect as an exchange: where it went, the JSON that was sent, and the JSON payloads that came back,
// whether as one document, a list of documents, or the events of a stream.
import type { Value } from '../base/value.ts';
import type { EffectEntry } from '../journal/entry.ts';
import { isRecordValue } from '../journal/record-value.ts';

export type ObservableEffect = Pick<EffectEntry, 'type' | 'request' | 'outcome'>;
export type Fields = { readonly [key: string]: unknown };

export interface HttpExchange {
  readonly method: string;
  /** As journaled: an origin, an alias of one, or `loopback`. */
  readonly origin: string;
  readonly path: string;
  /** The body of the request, if it is a JSON object; otherwise empty. */
  readonly sent: Fields;
  /** Undefined if no answer came. */
  readonly status: number | undefined;
  payloads(): readonly Fields[];
}

export function httpExchange({ type, request, outcome }: ObservableEffect): HttpExchange | undefined {
  if (type !== 'http' || !isRecordValue(request)) return undefined;
  const { method, origin, path, body } = request;
  if (typeof method !== 'string' || typeof origin !== 'string' || typeof path !== 'string') return undefined;
  const answer = outcome.kind === 'value' && isRecordValue(outcome.value) ? outcome.value : undefined;
  return {
    method,
    origin,
    path,
    sent: fieldsOf(isRecordValue(body) ? body.json : undefined) ?? {},
    status: typeof answer?.status === 'number' ? answer.status : undefined,
    payloads: () => payloadsOf(answer?.body),
  };
}

/** Whether an effect failed. An answer with a status of 400 or more counts as a failure. */
export function isFailedEffect(effect: ObservableEffect): boolean {
  return effect.outcome.kind === 'error' || (httpExchange(effect)?.status ?? 0) >= 400;
}

export function fieldsOf(value: unknown): Fields | undefined {
  const isFields =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  return isFields ? (value as Fields) : undefined;
}

function payloadsOf(body: Value): readonly Fields[] {
  if (typeof body !== 'string') return [];
  const whole = parsed(body);
  const found: readonly unknown[] =
    whole === undefined ? eventData(body).map(parsed) : Array.isArray(whole) ? whole : [whole];
  return found.map(fieldsOf).filter((payload) => payload !== undefined);
}

/** The data of each complete server-sent event. */
function eventData(body: string): readonly string[] {
  const data: string[] = [];
  let lines: string[] = [];
  for (const line of body.split(/\r\n|\r|\n/)) {
    if (line.startsWith('data:')) lines.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    if (line !== '' || lines.length === 0) continue;
    data.push(lines.join('\n'));
    lines = [];
  }
  return data;
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
