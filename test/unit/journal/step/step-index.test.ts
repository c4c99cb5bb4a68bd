import { describe, expect, it } from 'vitest';
import type { StepKey } from '../../../../src/journal/key.ts';
import { StepIndex } from '../../../../src/journal/step/step-index.ts';
import { commitEntry, effectEntry, eventEntry, outcomeEntry } from '../../../support/journals.ts';

const first = effectEntry('1.0#1', { request: 'a' });
const again = effectEntry('1.0#1', { request: 'a', occurrence: 1 });
const labelled = effectEntry('1.0#1', { request: 'a', label: 'x' });
const other = effectEntry('1.0#1', { request: 'b', name: 'other' });

describe('StepIndex', () => {
  it('finds what belongs to an attempt', () => {
    const event = eventEntry('1.0#1');
    const outcome = outcomeEntry('1.0#1');
    const index = StepIndex.of([first, effectEntry('1.1#1'), event, outcome, commitEntry('1')]);
    expect(index.attempt('1.0#1')).toMatchObject({ effects: [first], events: [event], outcome, hasInner: false });
    expect(index.attempt('1.0#2')).toBeUndefined();
    expect(index.commit('1' as StepKey)).toEqual(commitEntry('1'));
    expect(index.commit('2' as StepKey)).toBeUndefined();
  });

  it('knows the attempts in which an inner run began, however deep', () => {
    const index = StepIndex.of([commitEntry('1.0#1/2.3#1/0'), effectEntry('1.1#1')]);
    expect(index.attempt('1.0#1/2.3#1')?.hasInner).toBe(true);
    expect(index.attempt('1.1#1')?.hasInner).toBe(false);
  });

  it('answers an effect by what was asked, by its label and by its occurrence', () => {
    const attempt = StepIndex.of([again, labelled, other, first]).attempt('1.0#1');
    expect(attempt?.take(effectEntry('9.9#9', { request: 'a' }))).toBe(first);
    expect(attempt?.take(again)).toBe(again);
    expect(attempt?.take(labelled)).toBe(labelled);
    expect(attempt?.isUsedUp).toBe(false);
    expect(attempt?.take(other)).toBe(other);
    expect(attempt?.isUsedUp).toBe(true);
  });

  it('answers nothing for what was never asked', () => {
    const attempt = StepIndex.of([first]).attempt('1.0#1');
    for (const asked of [
      { request: 'c' },
      { request: 'a', label: '' },
      { request: 'a', occurrence: 1 },
      { request: 'a', name: 'other' },
      { request: 'a', type: 'http' },
    ] as const) {
      expect(attempt?.take(effectEntry('1.0#1', asked))).toBeUndefined();
    }
  });

  it('answers once more in another run of the same step, whatever a run before it has asked for', () => {
    const inner = commitEntry('1.1#1/0');
    const origin = StepIndex.of([first, again, other, outcomeEntry('1.0#1'), inner, commitEntry('1')]);
    const earlier = origin.again();
    earlier.attempt('1.0#1')?.take(first);
    earlier.moveAway(other);
    const later = origin.again();
    expect(later.attempt('1.0#1')).toMatchObject({ effects: [first, again, other], outcome: outcomeEntry('1.0#1') });
    expect(later.attempt('1.0#1')?.unused).toBe(first);
    expect(later.attempt('1.0#1')?.take(other)).toBe(other);
    expect(earlier.attempt('1.0#1')?.take(other)).toBeUndefined();
    expect(later.attempt('1.1#1')?.hasInner).toBe(true);
    expect(later.attempt('1.2#1')).toBeUndefined();
    expect(later.commit('1' as StepKey)).toEqual(commitEntry('1'));
  });

  it('continues after a divergence with the nearest effect that is left', () => {
    const attempt = StepIndex.of([first, again, other]).attempt('1.0#1');
    attempt?.take(first);
    expect(attempt?.takeNearest(effectEntry('1.0#1', { request: 'changed' }))).toBe(again);
    expect(attempt?.takeNearest(effectEntry('1.0#1', { request: 'changed' }))).toBeUndefined();
    expect(attempt?.takeNearest(effectEntry('1.0#1', { name: 'other' }))).toBe(other);
  });

  it('looks for the nearest effect in the task that asks first', () => {
    const inTask = effectEntry('1.0#1', { task: 'left#0', request: 'c' });
    const attempt = StepIndex.of([first, again, inTask]).attempt('1.0#1');
    const changed = effectEntry('1.0#1', { task: 'left#0', request: 'changed' });
    expect(attempt?.takeNearest(changed)).toBe(inTask);
    expect(attempt?.takeNearest(changed)).toBe(first);
  });

  it('tells the failing rank of a step that was not committed', () => {
    const outcomes = [outcomeEntry('1.2#1'), outcomeEntry('1.10#1'), outcomeEntry('1.3#1/1.40#1')];
    expect(StepIndex.of(outcomes).lastRankIfFailed('1' as StepKey)).toBe(10);
    expect(StepIndex.of(outcomes).lastRankIfFailed('1.3#1/1' as StepKey)).toBe(40);
    expect(StepIndex.of(outcomes).lastRankIfFailed('2' as StepKey)).toBeUndefined();
    expect(StepIndex.of([...outcomes, commitEntry('1')]).lastRankIfFailed('1' as StepKey)).toBeUndefined();
  });

  it('has no limit on the tasks of a step', () => {
    const outcomes = Array.from({ length: 300_000 }, (_unused, rank) => outcomeEntry(`1.${rank}#1`));
    expect(StepIndex.of(outcomes).lastRankIfFailed('1' as StepKey)).toBe(299_999);
  });
});
