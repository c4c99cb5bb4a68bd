// What msw cannot give to a client. What differs without a reason here is a fault.
interface Limit {
  readonly client: RegExp;
  readonly situation: RegExp;
  readonly why: string;
}

const anyClient = /./;
const limits: readonly Limit[] = [
  { client: anyClient, situation: /^status-999$/, why: 'A `Response` has a status from 200 to 599.' },
  { client: anyClient, situation: /^trailers$/, why: 'A `Response` has no trailers.' },
  { client: anyClient, situation: /^(early-hints|expect-100)$/, why: 'msw gives one answer, and nothing before it.' },
  { client: anyClient, situation: /^(unix-socket|proxy)$/, why: 'Its handlers see another address, or none.' },
  {
    client: /^google genai$/,
    situation: /^(gzip|deflate|br|zstd)$/,
    why: 'The body comes decoded, so its head names no coding.',
  },
  {
    client: /^(node:http|superagent|axios \(http)/,
    situation: /^(reset-in-body|stream-reset)$/,
    why: 'msw ends a broken body without the error of the system.',
  },
  {
    client: /^node:http/,
    situation: /^(reset|close)-before-head$|^reset-in-head$|^no-http$|^timeout-before-head$|^abort-/,
    why: 'The same error; msw emits it before the request counts as sent.',
  },
  { client: /^Stripe$/, situation: /^timeout-before-head$/, why: 'Sockets of msw have no time limits.' },
];

export function mswLimit(client: string, situation: string): string | undefined {
  return limits.find((limit) => limit.client.test(client) && limit.situation.test(situation))?.why;
}
