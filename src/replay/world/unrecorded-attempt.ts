import type { AttemptResult } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { Answer, AttemptWorld } from '../../port/world.ts';

/** A lenient replay continues from what was recorded, so it runs nothing else: the task does nothing. */
export class UnrecordedAttempt implements AttemptWorld {
  readonly drawKey: AttemptKey;
  constructor(at: AttemptKey) {
    this.drawKey = at;
  }
  answer(): Answer {
    return { kind: 'silent' };
  }
  run(): undefined {
    return undefined;
  }
  settle(): AttemptResult {
    return { status: 'done' };
  }
  watch(): () => void {
    return () => undefined;
  }
}
