// In what the ways of a cell differ.
//   K1. Bare, live and killed are different exchanges with the same server: how an answer was cut into parts is chance.
//   K2. A replay gives back its live run, a resumed run the killed one: parts and all.
//   K3. The server sees the same of a node as of a bare client, and nothing of replays and resumed runs.
import { isDeepStrictEqual } from 'node:util';
import type { Results } from './matrix.ts';
import type { Arrived } from './server.ts';
import type { Seen } from './sight.ts';
import type { Result, Way } from './ways.ts';

/** What Reprise notes about it, although nothing differs. */
export function notesOn(situation: string, { seen }: Results): readonly string[] {
  return seen.live[situation]?.said ?? [];
}

export function differences(situation: string, { seen, arrived }: Results): readonly string[] {
  const of = (way: Way): Result => seen[way][situation] ?? { seen: [], said: ['it did not come to this'] };
  const found: string[] = [];
  const compare = (left: Way, right: Way, form: (seen: readonly Seen[]) => unknown): void => {
    const expected = form(of(left).seen);
    const got = right === 'replayed' ? unmarked(form(of(right).seen), expected) : form(of(right).seen);
    const said = (of(right).said ?? []).filter((text) => !of(left).said?.includes(text));
    if (!isDeepStrictEqual(expected, got))
      found.push(
        `${right} is not as ${left}: ${firstDifference(expected, got)}${said.length > 0 ? ` (${said.join('; ')})` : ''}`,
      );
    else if (said.length > 0 && right !== 'live') found.push(`${right}: ${said.join('; ')}`);
  };
  // A client that is asked wrongly fails the same in all ways, and shows nothing.
  if (situation === 'success' && of('bare').seen.some(({ events }) => !events.includes('fulfilled')))
    found.push(`bare it fails: ${JSON.stringify(of('bare').seen)}`);
  compare('bare', 'live', withoutParts);
  compare('bare', 'killed', withoutParts);
  compare('live', 'replayed', (all) => all);
  compare('killed', 'resumed', (all) => all);
  const sent = (way: Way): unknown => (arrived[way][situation] ?? []).map(comparable);
  for (const way of ['live', 'killed'] as const)
    if (!isDeepStrictEqual(sent('bare'), sent(way)))
      found.push(`the server of ${way} sees: ${firstDifference(sent('bare'), sent(way))}`);
  for (const way of ['replayed', 'resumed'] as const)
    if (arrived[way][situation] !== undefined) found.push(`${way} reached the server`);
  return found;
}

/** A fixture holds marks in place of credentials, cookies among them. That is so by design, and no difference. */
function unmarked(got: unknown, expected: unknown): unknown {
  if (typeof got === 'string' && /^\[redacted:|redacted0\d/i.test(got)) return expected;
  if (Array.isArray(got))
    return got.map((item, at) => unmarked(item, (expected as readonly unknown[] | undefined)?.[at]));
  if (!isObject(got)) return got;
  return Object.fromEntries(
    Object.entries(got).map(([name, value]) => [
      name,
      unmarked(value, isObject(expected) ? expected[name] : undefined),
    ]),
  );
}

/** What clients tell of themselves that they draw anew in each run: how long AWS waited between two tries. */
const drawn: ReadonlySet<string> = new Set(['totalRetryDelay']);

function withoutParts(all: readonly Seen[]): unknown {
  const calls = all.map(({ parts, ...seen }) =>
    JSON.stringify({ ...seen, parts: parts?.join('') }, (name, value: unknown) => (drawn.has(name) ? '…' : value)),
  );
  // Which of several calls is served first is chance, too.
  return calls.sort().map((text) => JSON.parse(text) as unknown);
}

/** What clients make anew for each request, and the port of the machine. */
const fresh =
  /^(?:x-stainless-.*|idempotency-key|amz-sdk-.*|x-amz-date|authorization|x-amz-user-agent|user-agent|date|traceparent|x-goog-api-client|x-elastic-client-meta|x-stripe-client-.*|x-amz-content-sha256)$/i;

function comparable({ method, path, headers, body }: Arrived): unknown {
  const isForm = headers.some(([, value]) => value.startsWith('multipart/'));
  const isOwn = headers.some(([name]) => /^x-amz-target$/i.test(name));
  return {
    method,
    path,
    headers: headers.map(([name, value]) => [
      name,
      fresh.test(name) ? '…' : value.replace(/boundary=.*/, 'boundary=…'),
    ]),
    // A boundary and a token of AWS are random.
    body: (isForm || isOwn) && body !== '' ? 'some' : body,
  };
}

export function firstDifference(expected: unknown, got: unknown, path = ''): string {
  if (isDeepStrictEqual(expected, got)) return '';
  if (isObject(expected) && isObject(got)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(got)]);
    for (const name of names) {
      const inner = firstDifference(expected[name], got[name], `${path}/${name}`);
      if (inner !== '') return inner;
    }
  }
  return `${path} ${short(expected)} -> ${short(got)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
