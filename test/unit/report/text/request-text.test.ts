import { expect, it } from 'vitest';
import { requestTexts } from '../../../../src/report/text/request-text.ts';

it('tells two requests apart by what one of them lacks', () => {
  const turn = (...messages: readonly string[]) =>
    ({
      type: 'http',
      name: 'http',
      occurrence: 0,
      request: { method: 'POST', path: '/chat', query: [], body: { json: { messages } } },
    }) as const;
  expect(requestTexts(turn('one'), turn('one', 'two'))).toEqual([
    'POST /chat without body.json.messages[1]',
    'POST /chat with body.json.messages[1] "two"',
  ]);
  expect(requestTexts(turn('one'), turn('two'))).toEqual([
    'POST /chat with body.json.messages[0] "one"',
    'POST /chat with body.json.messages[0] "two"',
  ]);
});
