// Why a cell is not equal in all ways. A cell that differs without a reason here is a fault.
import type { Cell } from './matrix.ts';

interface Reason {
  readonly client: RegExp;
  readonly situation: RegExp;
  readonly why: string;
}

const reasons: readonly Reason[] = [
  {
    client: /^node:http/,
    situation: /^abort-before-head$/,
    why: 'A replay aborts before the request says `finish`, and live it says that first. Error and result are the same.',
  },
  {
    client: /^superagent$/,
    situation: /^one-megabyte$/,
    why: 'It returns with the head, and reads a body of a type that it does not know behind the back of its caller. A process that dies meanwhile asks again.',
  },
  {
    client: /^follow-redirects$/,
    situation: /^expect-100$/,
    why: 'It tells nobody of the 100, so live the time limit of its agent ends the request. A replay has no such limit, and says that no more was recorded.',
  },
  {
    client: /^Elasticsearch/,
    situation: /^close-before-head$/,
    why: 'Its error names the port on its own side: a fact of the machine, other in each run and not recorded.',
  },
  {
    client: /^AI SDK/,
    situation: /^stream-reset$/,
    why: 'In a replay the break follows the last part at once. The client pipes its stream, and drops what it had not passed on yet.',
  },
  {
    client: /^node-fetch 2$/,
    situation: /^timeout-in-body$/,
    why: 'Its time limit gives up a body without stopping the request, which is still open when the process dies, and is asked again.',
  },
  {
    client: /^Supabase$/,
    situation: /^(?:reset|close|refused|no-http|half|bad-gzip|timeout|abort)/,
    why: 'It gives the stack of an error as part of its result (`details`). A stack names files and lines of what made the error: Node live, Reprise in a replay. Leave `details` of such an error out of the state.',
  },
  {
    client: /^(?:ollama|Hugging Face)$/,
    situation: /^streamed/,
    why: 'It stops at the last message and leaves the end of the body unread, so the exchange is still open when the process dies, and is asked again.',
  },
  {
    client: /^undici 8 pipeline$/,
    situation: /^four-at-once$/,
    why: 'Each of its requests has a body in a stream, even an empty one. Which of four alike ones was first is known when those end.',
  },
  {
    client: /^axios \(fetch adapter\)$/,
    situation: /^multipart$/,
    why: 'It sends a form under the type of another kind of form, so the random boundary cannot be told from content. The replay says that the run is not deterministic.',
  },
];

export function reasonFor({ client, situation }: Cell): string | undefined {
  return reasons.find((reason) => reason.client.test(client) && reason.situation.test(situation))?.why;
}
