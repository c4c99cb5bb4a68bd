// What is said of an attempt that no longer does what it did.
import { describe, expect, it } from 'vitest';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { resumeDiverged } from '../../../../src/engine/world/resume-divergence.ts';
import type { DoneInstead } from '../../../../src/engine/world/resume-divergence.ts';
import type { EffectRef } from '../../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../../src/journal/key.ts';
import { keepStacks } from '../../../../src/journal/error/stacks.ts';
import { StepIndex } from '../../../../src/journal/step/step-index.ts';
import { effectEntry } from '../../../support/journals.ts';

const at = '1.0#1' as AttemptKey;

function asks(name: string, request: unknown, more: Partial<EffectRef> = {}): EffectRef {
  return { type: 'call', name, request: canonicalValue(request, 'request'), occurrence: 0, ...more };
}

function messageOf(recorded: readonly EffectRef[], instead: DoneInstead): string {
  const index = StepIndex.of(recorded.map((ref) => effectEntry(at, { ...ref }))).attempt(at);
  if (index === undefined) throw new Error('nothing is recorded');
  return resumeDiverged(at, index, instead).message;
}

describe('the message', () => {
  it('names the first value of the request that differs, and both', () => {
    const asked = asks('charge', { card: { last: '42' }, euros: 7 });
    expect(messageOf([asks('mail', 1), asks('charge', { card: { last: '42' }, euros: 5 })], { asked })).toMatch(
      /^attempt 1\.0#1 asked for 1\.0#1:call:charge before it was interrupted, and now asks for 1\.0#1:call:charge~\w{7} instead; request\.euros was 5 and is 7$/,
    );
  });

  it('shows long texts from where they differ, and a value that is absent on one side', () => {
    const long = 'lorem ipsum '.repeat(50);
    expect(messageOf([asks('tell', `${long}one`)], { asked: asks('tell', `${long}two`) })).toMatch(
      /; request was …"[\w ]{20}one" and is …"[\w ]{20}two"$/,
    );
    expect(messageOf([asks('tell', { a: 1 })], { asked: asks('tell', { a: 1, b: [2] }) })).toMatch(
      /; request\.b was absent and is \[2\]$/,
    );
  });

  it('names the key of an effect that differs in it alone', () => {
    expect(messageOf([asks('tell', 1, { label: 'a' })], { asked: asks('tell', 1, { label: 'b' }) })).toMatch(
      /; key was "a" and is "b"$/,
    );
  });

  it('gives both requests where another effect is asked for', () => {
    expect(messageOf([asks('old', { a: 1 })], { asked: asks('new', 'x') })).toBe(
      'attempt 1.0#1 asked for 1.0#1:call:old before it was interrupted, and now asks for 1.0#1:call:new instead; its request was {"a":1}, and that of the other is "x"',
    );
  });

  it('says how the node ended instead, and where it threw', () => {
    expect(messageOf([asks('old', 1)], { result: { status: 'done' } })).toMatch(
      / and now ended without it; its request was 1$/,
    );
    const error: Value = canonicalValue(new TypeError('no data'), 'error');
    keepStacks(error, ['at JSON.parse (<anonymous>)\nat load (src/load.ts:3:4)']);
    expect(messageOf([asks('old', 1)], { result: { status: 'failed', error } })).toMatch(
      / and now failed without it: TypeError: no data, at load \(src\/load\.ts:3:4\); its request was 1$/,
    );
  });

  it('is short and of one line, whatever the values', () => {
    const asked = asks('tell', { text: `\n\u001b[2J${'y'.repeat(100_000)}` });
    const message = messageOf([asks('tell', { text: '\n'.repeat(100_000) })], { asked });
    expect(message.length).toBeLessThan(1_000);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character may be in it
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });
});
