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
    client: /^needle$/,
    situation: /^redirect-/,
    why: 'It reads no body of a redirect. Such an answer is recorded when its node ends, so a process that dies before asks again.',
  },
  {
    client: /^superagent$/,
    situation: /^one-megabyte$/,
    why: 'It returns with the head and reads no body of a type that it does not know; as above, a process that dies before its node ends asks again.',
  },
  {
    client: /^node-fetch 2$/,
    situation: /^timeout-in-body$/,
    why: 'Its time limit gives up a body without stopping the request, which is still open when the process dies, and is asked again.',
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
