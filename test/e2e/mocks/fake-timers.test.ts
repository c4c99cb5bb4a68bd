import { expect, vi } from 'vitest';
import { describeBeside } from './beside-mock.ts';

describeBeside('fake timers', {
  start: () => void vi.useFakeTimers({ now: 500 }),
  stop: () => void vi.useRealTimers(),
  async works() {
    let isOver = false;
    setTimeout(() => {
      isOver = true;
    }, 1_000_000);
    const before = Date.now();
    await vi.advanceTimersByTimeAsync(999_999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver).toBe(true);
    expect(Date.now() - before).toBe(1_000_000);
  },
});
