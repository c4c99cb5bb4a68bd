import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameValue } from '../../../src/base/equal.ts';
import { canonicalValue, isCanonical } from '../../../src/base/value.ts';
import { bodyWithText, toHalf, toOther, withText } from '../../../src/explore/fault/answer-text.ts';
import { faultKinds, faultyAnswer } from '../../../src/explore/fault/fault-kinds.ts';
import type { FaultName } from '../../../src/explore/fault/fault-kinds.ts';
import type { GivenAnswer } from '../../../src/explore/fault/given-answer.ts';
import { anthropicMessage } from '../../../src/testing/answer/anthropic-message.ts';
import { chatCompletion } from '../../../src/testing/answer/chat-completion.ts';
import { toolCall } from '../../../src/testing/answer/content.ts';
import type { AnswerContent } from '../../../src/testing/answer/content.ts';
import { openaiResponse } from '../../../src/testing/answer/openai-response.ts';
import { readRecordedAnswer } from '../../../src/live/http/answer/recorded-answer.ts';

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

const json = 'application/json';
const sse = 'text/event-stream; charset=utf-8';
const textOf = (body: string, type: string): string | undefined => bodyWithText(body, type, toHalf)?.answer;

it('finds what a model says, without knowing whose model it is', () => {
  const chat = JSON.stringify({ id: 'a', choices: [{ message: { role: 'assistant', content: 'It is forty-two.' } }] });
  expect(JSON.parse(textOf(chat, json) as string)).toMatchObject({ choices: [{ message: { content: 'It is fo' } }] });
  const events = ['It', ' is', ' 42'].map(
    (text) => `event: delta\ndata: {"type":"delta","delta":{"text":"${text}"}}\n`,
  );
  const stream = [...events, 'data: [DONE]\n'].join('\n');
  expect(textOf(stream, sse)).toBe(
    stream
      .replace(/data: \{"type":"delta","delta":(.*?)\}\n/g, 'data: {"delta":$1,"type":"delta"}\n')
      .replace('" is"', '" i"')
      .replace('" 42"', '""'),
  );
  expect(bodyWithText('[]', json, toOther)).toBeUndefined();
});

const forms = { chatCompletion, openaiResponse, anthropicMessage } as const;
const tool = [toolCall('weather', { city: 'Oslo' })];

async function bodyOf(form: keyof typeof forms, content: AnswerContent, stream: boolean): Promise<string> {
  const asked = new Request('https://api.example.com/', {
    method: 'POST',
    body: JSON.stringify({ model: 'm', stream }),
  });
  return (await forms[form](content)(asked)).text();
}

describe.each([
  ['chatCompletion', false, 'choices[0].message.content', 'choices[0].message.tool_calls[0].function.arguments'],
  ['chatCompletion', true, 'choices[0].delta.content', 'choices[0].delta.tool_calls[0].function.arguments'],
  ['openaiResponse', false, 'output[0].content[0].text', 'output[0].arguments'],
  ['openaiResponse', true, 'delta', 'delta'],
  ['anthropicMessage', false, 'content[0].text', 'content[0].input.city'],
  ['anthropicMessage', true, 'delta.text', 'delta.partial_json'],
] as const)('%s (stream: %s)', (form, stream, said, called) => {
  const suffix = stream ? ' of its events' : '';

  it('has its content changed, however short, and nothing else', async () => {
    const body = await bodyOf(form, 'refund', stream);
    const changed = bodyWithText(body, stream ? sse : json, () => 'denied');
    expect(changed?.place).toBe(`${said}${suffix}`);
    expect(changed?.answer).not.toMatch(/refund|ref"|und"/);
    const other = await bodyOf(form, 'denied', stream);
    const values = (text: string): unknown =>
      text.split('\n').map((line) => (/^(?:data: )?\{/.test(line) ? JSON.parse(line.replace(/^data: /, '')) : line));
    expect(values(changed?.answer ?? '')).toEqual(values(other));
  });

  it('has the input of a tool changed where it says nothing', async () => {
    const changed = bodyWithText(await bodyOf(form, tool, stream), stream ? sse : json, () => 'Rome');
    expect(changed?.place).toBe(`${called}${suffix}`);
    expect(changed?.answer).not.toContain('Oslo');
  });
});

it('changes no other text of an answer that a client has taken apart', () => {
  const message = { role: 'assistant', content: 'no', id: 'a-long-id-of-the-answer' };
  expect(withText(message, toOther)).toMatchObject({
    answer: { ...message, content: toOther('no') },
    place: 'content',
  });
  expect(withText(message, () => 'no')).toBeUndefined();
});

it('keeps no place of a credential in an answer that is another one', () => {
  const repeats = [{ kind: 'token', in: ['value', 'body'], start: 4, length: 16 }] as const;
  const answer: GivenAnswer = {
    ...answered({ status: 200, headers: {}, body: 'for q7vTx29LmPw4RkYc', ended: 'complete' }),
    facts: { answer: { headers: [], repeats } },
  };
  const faults = faultsOf('http', answer).filter(([, changed]) => !sameOutcome(answer, changed));
  expect(faults.length).toBeGreaterThan(3);
  for (const [kind, { facts }] of faults) expect(facts?.answer?.repeats, kind).toBeUndefined();
});
