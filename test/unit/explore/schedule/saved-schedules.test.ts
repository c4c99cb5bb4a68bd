import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/explore/explore.ts';
import { saveSchedule, savedSchedules, schedulesPath } from '../../../../src/explore/schedule/saved-schedules.ts';
import { scheduleText } from '../../../../src/explore/schedule/schedule.ts';
import { fanOut } from '../../../finder/fan-out.ts';
import { recorded } from '../../../finder/recorded.ts';
import { sharedFolder } from '../../../support/folder.ts';

const held = 'fifo hold(2.0#1:start until 2.1#1:start)';

it.each([
  ['fixtures/desk-7.run.jsonl', 'fixtures/desk-7.schedules'],
  ['desk.jsonl', 'desk.schedules'],
  ['desk', 'desk.schedules'],
])('schedules stand beside their fixture: %s', (fixture, path) => {
  expect(schedulesPath(fixture)).toBe(path);
});

describe('saved schedules', () => {
  const fixture = join(sharedFolder(), 'a.run.jsonl');
  const path = schedulesPath(fixture);
  const texts = (): readonly string[] => savedSchedules(fixture).map(scheduleText);

  it('are read as they were saved, each once', () => {
    expect(texts()).toEqual([]);
    saveSchedule(fixture, held, 'what it shows\nfifo hold(x until y)');
    saveSchedule(fixture, 'recorded', 'another');
    saveSchedule(fixture, held, 'the same');
    expect(texts()).toEqual([held, 'recorded']);
    expect(readFileSync(path, 'utf8')).not.toContain('the same');
  });

  it.each([
    ['a line that is no schedule', `${held}\nlifo\n`],
    ['too many', `${held}\n`.repeat(1_001)],
    ['too much', '#'.repeat(1_000_001)],
  ])('are refused with %s', (_why, text) => {
    writeFileSync(path, text);
    expect(() => savedSchedules(fixture)).toThrow(expect.objectContaining({ code: 'schedules-damaged' }));
  });

  it('may have Windows line endings', () => {
    writeFileSync(path, `# found\r\n${held}\r\n\r\n`);
    expect(texts()).toEqual([held]);
  });
});

it('a saved schedule is stale where the run does not come to its death any more', async () => {
  const make = () => fanOut({ ids: ['a'], work: ({ ask }) => ask('model') });
  const fixture = await recorded(make());
  saveSchedule(fixture, 'fifo die(after write 99)', 'found once');
  saveSchedule(fixture, 'fifo die(after write 2)', 'found, and mended');
  const { rungs } = await explore(make, fixture, { schedules: 5 });
  expect(rungs.find(({ name }) => name === 'saved')).toEqual({ name: 'saved', schedules: 2, stale: 1 });
});
