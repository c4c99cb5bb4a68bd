import { expect, it } from 'vitest';
import { placeName } from '../../../../src/replay/recorded/place-name.ts';
import { effectEntry, outcomeEntry } from '../../../support/journals.ts';

it('names what has a number in the order of a step', () => {
  const effect = effectEntry('1.0#1', { name: 'model' });
  const outcome = outcomeEntry('1.0#1', { node: 'ask' });
  const entries = [
    { ...effect, observed: { ...effect.observed, order: { asked: 1, given: 2, parts: [[3, 2]] as const } } },
    { ...outcome, observed: { ...outcome.observed, order: { started: 0, ended: 6 } } },
  ];
  const names = [0, 1, 2, 4, 5, 6].map((place) => placeName({ entries } as never, place).replace(/~\w+/, ''));
  expect(names).toEqual([
    'the start of 1.0#1',
    'what 1.0#1:call:model asks for',
    'the answer to 1.0#1:call:model',
    'a part of the answer to 1.0#1:call:model',
    'a timer',
    'the end of 1.0#1',
  ]);
});
