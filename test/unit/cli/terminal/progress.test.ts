// A person at a terminal sees at once what is done, and how far it is while nothing else has its turn.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startProgress } from '../../../../cli/terminal/progress.ts';
import type { Progress } from '../../../../cli/terminal/progress.ts';
import { RecordedIo } from '../../../support/recorded-io.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function started(isTty: boolean): { readonly progress: Progress; readonly shown: string[] } {
  const shown: string[] = [];
  const io = Object.assign(new RecordedIo('/'), {
    isTty,
    redrawTalk: (line: string) => void shown.push(line),
    writeTalk: (text: string) => void shown.push(text),
  });
  return { progress: startProgress(io, 'exploring'), shown };
}

it('is shown on a terminal from the first note on, and kept up without a turn of the event loop', () => {
  const { progress, shown } = started(true);
  progress.note('a file');
  expect(shown).toEqual(['exploring: a file …']);
  progress.note('a file: 1');
  vi.setSystemTime(Date.now() + 300);
  progress.note('a file: 2');
  expect(shown).toEqual(['exploring: a file …', 'exploring: a file: 2 …']);
  progress.done();
  expect(shown.at(-1)).toBe('');
});

it('is one line in a log, and none for what takes no second', () => {
  const { progress, shown } = started(false);
  progress.note('a file');
  vi.setSystemTime(Date.now() + 900);
  progress.note('a file: 1');
  expect(shown).toEqual([]);
  vi.setSystemTime(Date.now() + 300);
  progress.note('a file: 2');
  vi.setSystemTime(Date.now() + 300);
  progress.note('a file: 3');
  progress.done();
  expect(shown).toEqual(['exploring: a file: 2 …\n']);
});
