import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { vi } from 'vitest';
import { describeBeside, expectAnswers, mocked } from './beside-mock.ts';

const handlers = setupServer(http.get(mocked, () => HttpResponse.text('mocked')));

describeBeside('msw with onUnhandledRequest: error', {
  start: () => handlers.listen({ onUnhandledRequest: 'error' }),
  stop: () => handlers.close(),
  async works(real) {
    const told = vi.spyOn(console, 'error').mockReturnValue(undefined);
    await expectAnswers(real);
    told.mockRestore();
  },
});
