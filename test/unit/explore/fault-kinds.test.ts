import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sameValue } from '../../../src/base/equal.ts';
import { canonicalValue, isCanonical } from '../../../src/base/value.ts';
import { bodyWithText, toHalf, toOther } from '../../../src/explore/fault/answer-text.ts';
import { faultKinds, faultyAnswer } from '../../../src/explore/fault/fault-kinds.ts';
import type { FaultName } from '../../../src/explore/fault/fault-kinds.ts';
import type { GivenAnswer } from '../../../src/explore/fault/given-answer.ts';
import { readRecordedAnswer } from '../../../src/live/http/recorded-answer.ts';

const kinds = Object.keys(faultKinds) as readonly FaultName[];

function answered(given: unknown): GivenAnswer {
  return { outcome: { kind: 'value', value: canonicalValue(given, 'it') } };
}

/** Everything that a plan would try for an answer. */
function faultsOf(type: 'call' | 'http', answer: GivenAnswer): readonly (readonly [FaultName, GivenAnswer])[] {
  return kinds.flatMap((kind) =>
    (faultKinds[kind].tried?.(answer) ?? [undefined]).flatMap((more) => {
      const changed = faultyAnswer({ kind, more }, { type, name: 'it' }, answer);
      return changed === undefined ? [] : [[kind, changed] as const];
    }),
  );
}

const isLate = (kind: FaultName): boolean => faultKinds[kind].lateMs !== undefined;
const sameOutcome = (left: GivenAnswer, right: GivenAnswer): boolean =>
  sameValue(left.outcome as never, right.outcome as never);

it('changes each answer of a call, unless it comes late', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (given) => {
      const answer = answered(given);
      for (const [kind, changed] of faultsOf('call', answer)) {
        expect({ kind, isSame: sameOutcome(changed, answer) }).toEqual({ kind, isSame: isLate(kind) });
        if (changed.outcome.kind === 'value') expect(isCanonical(changed.outcome.value)).toBe(true);
      }
    }),
  );
});

it('makes of each answer of a server one that a client can be given', () => {
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc.uint8Array(),
    fc.array(fc.json()).map((events) => events.map((event) => `data: ${event}\n\n`).join('')),
  );
  const type = fc.constantFrom('application/json', 'text/event-stream', 'text/plain');
  fc.assert(
    fc.property(body, type, fc.nat({ max: 5 }), (given, contentType, cut) => {
      const length = typeof given === 'string' ? Buffer.byteLength(given) : given.byteLength;
      const parts = [Math.min(cut, length), length - Math.min(cut, length)];
      const answer: GivenAnswer = {
        ...answered({ status: 200, headers: { 'content-type': contentType }, body: given, ended: 'complete' }),
        facts: { parts, answer: { headers: [['Content-Type', contentType]] } },
      };
      for (const [, { outcome, facts }] of faultsOf('http', answer)) {
        const { head, parts: read } = readRecordedAnswer(outcome, facts);
        if (head !== undefined) expect(head.headers).toHaveLength(1);
        const total = facts?.parts?.reduce((sum, part) => sum + part, 0) ?? 0;
        if (head !== undefined) expect(read.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(total);
      }
    }),
  );
});

it('finds what a model says, without knowing whose model it is', () => {
  const chat = JSON.stringify({ id: 'a', choices: [{ message: { role: 'assistant', content: 'It is forty-two.' } }] });
  expect(JSON.parse(bodyWithText(chat, 'application/json', toHalf) as string)).toMatchObject({
    choices: [{ message: { content: 'It is fo' } }],
  });
  const events = ['It', ' is', ' 42'].map(
    (text) => `event: delta\ndata: {"type":"delta","delta":{"text":"${text}"}}\n`,
  );
  const stream = [...events, 'data: [DONE]\n'].join('\n');
  expect(bodyWithText(stream, 'text/event-stream; charset=utf-8', toHalf)).toBe(
    stream
      .replace(/data: \{"type":"delta","delta":(.*?)\}\n/g, 'data: {"delta":$1,"type":"delta"}\n')
      .replace('" is"', '" i"')
      .replace('" 42"', '""'),
  );
  expect(bodyWithText('[]', 'application/json', toOther)).toBeUndefined();
});
