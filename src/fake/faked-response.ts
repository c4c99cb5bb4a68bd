// A Response as the journal keeps it: what comes of a fake is recorded like what comes of a server, in its parts.
import { RepriseError } from '../base/error.ts';
import { AnswerRecord } from '../live/http/answer/answer-record.ts';
import type { AnswerEnd } from '../live/http/answer/answer-record.ts';
import { HeldBytes } from '../live/http/body/body-limits.ts';
import { comparedHeaders } from '../live/http/answer/recorded-headers.ts';
import { recordedError } from '../live/http/answer/recorded-error.ts';
import { outsideAttempts } from '../port/attempt.ts';
import type { AnsweredBefore } from '../port/world.ts';

/** A body that never ends must not use up memory. */
const bodyBytesMax = 64 * 1024 * 1024;

export interface AskedFake {
  readonly give: () => Promise<unknown>;
  /** The request, for messages. */
  readonly what: string;
  /** Told of what is wrong with the fake itself. */
  readonly onFault: (fault: RepriseError) => void;
}

/** What the fake throws is what the client gets in place of an answer. */
export function answeredBy(asked: AskedFake): Promise<AnsweredBefore> {
  // A fake belongs to no attempt, whatever it does.
  return outsideAttempts(async (): Promise<AnsweredBefore> => {
    let response: unknown;
    try {
      response = await asked.give();
      if (!(response instanceof Response)) throw told(asked, noResponse(asked.what));
    } catch (thrown) {
      return { kind: 'answered', outcome: { kind: 'error', error: recordedError(thrown) } };
    }
    return { kind: 'answered', ...(await recorded(response, asked)) };
  });
}

function told({ onFault }: AskedFake, fault: RepriseError): RepriseError {
  onFault(fault);
  return fault;
}

async function recorded(response: Response, asked: AskedFake): Promise<Pick<AnsweredBefore, 'outcome' | 'facts'>> {
  const { status, statusText } = response;
  const headers = [...response.headers];
  const head = {
    status,
    facts: { headers, ...(statusText === '' ? {} : { statusText }) },
    compared: comparedHeaders(headers),
    encoding: '',
  };
  const record = new AnswerRecord(head, { bodyBytesMax, held: new HeldBytes(bodyBytesMax) });
  return record.end(await take(response.body, record, asked));
}

async function take(
  body: ReadableStream<Uint8Array> | null,
  record: AnswerRecord,
  asked: AskedFake,
): Promise<AnswerEnd> {
  if (body === null) return { kind: 'complete' };
  try {
    for await (const part of body) {
      if (!record.take(part)) return { kind: 'broken', error: told(asked, tooLarge(asked.what)) };
    }
    return { kind: 'complete' };
  } catch (error) {
    return { kind: 'broken', error };
  }
}

function noResponse(what: string): RepriseError {
  return new RepriseError('option-invalid', `what answers ${what} returned no Response`, {
    nextStep: 'Return a Response, such as `Response.json({ … })`.',
  });
}

function tooLarge(what: string): RepriseError {
  return new RepriseError('value-too-large', `the answer to ${what} has more than ${bodyBytesMax} bytes`, {
    nextStep: 'End its body.',
  });
}
