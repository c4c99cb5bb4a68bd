import { describe, expect, it } from 'vitest';
import { JournalGrowth } from '../../../src/stream/journal-growth.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A store that tells of growth while a test says so. */
function telling() {
  const watches = new Map<string, () => void>();
  const state = { isLive: true };
  const watchRun = (runId: string, onChange: () => void) => {
    watches.set(runId, onChange);
    return {
      get isLive() {
        return state.isLive;
      },
      stop: () => void watches.delete(runId),
    };
  };
  return { watches, state, watchRun };
}

function waited(growth: JournalGrowth, runId: string, isDrivenHere = false): { isOver: boolean } {
  const wait = { isOver: false };
  void growth.changed(runId, isDrivenHere).then(() => {
    wait.isOver = true;
  });
  return wait;
}

describe('a reader of a run that another process drives', () => {
  it('looks twenty times a second where nobody tells it', async () => {
    const clock = new ManualClock(0);
    const wait = waited(new JournalGrowth(clock), 'run');
    await clock.advance(49);
    expect(wait.isOver).toBe(false);
    await clock.advance(1);
    expect(wait.isOver).toBe(true);
  });

  it('is woken where its store tells it, and looks once a second in case that was lost', async () => {
    const clock = new ManualClock(0);
    const { watches, watchRun } = telling();
    const growth = new JournalGrowth(clock, watchRun);
    const told = waited(growth, 'run');
    await clock.advance(500);
    expect(told.isOver).toBe(false);
    watches.get('run')?.();
    await clock.advance(0);
    expect(told.isOver).toBe(true);
    const lost = waited(growth, 'run');
    await clock.advance(999);
    expect(lost.isOver).toBe(false);
    await clock.advance(1);
    expect(lost.isOver).toBe(true);
  });

  it('looks together with others, where all are told', async () => {
    const clock = new ManualClock(0);
    const { watches, watchRun } = telling();
    const growth = new JournalGrowth(clock, watchRun);
    const first = waited(growth, 'run-1');
    const told = waited(growth, 'run-2');
    await clock.advance(600);
    const second = waited(growth, 'run-3');
    watches.get('run-2')?.();
    await clock.advance(399);
    expect([first.isOver, told.isOver, second.isOver]).toEqual([false, true, false]);
    await clock.advance(1);
    expect([first.isOver, second.isOver]).toEqual([true, true]);
    const alone = waited(growth, 'run-1');
    watches.get('run-1')?.();
    const next = waited(growth, 'run-1');
    await clock.advance(999);
    expect([alone.isOver, next.isOver]).toEqual([true, false]);
    await clock.advance(1);
    expect(next.isOver).toBe(true);
  });

  it('looks as often as ever while its store cannot tell', async () => {
    const clock = new ManualClock(0);
    const { state, watchRun } = telling();
    state.isLive = false;
    const wait = waited(new JournalGrowth(clock, watchRun), 'run');
    await clock.advance(50);
    expect(wait.isOver).toBe(true);
  });

  it('is watched for as long as somebody asks', async () => {
    const clock = new ManualClock(0);
    const { watches, watchRun } = telling();
    const growth = new JournalGrowth(clock, watchRun);
    void growth.changed('run', false);
    void growth.changed('here', true);
    expect([...watches.keys()]).toEqual(['run']);
    await clock.advance(4_000);
    void growth.changed('run', false);
    await clock.advance(4_000);
    expect([...watches.keys()]).toEqual(['run']);
    await clock.advance(1_000);
    expect([...watches.keys()]).toEqual([]);
    void growth.changed('run', false);
    growth.tellAll();
    expect([...watches.keys()]).toEqual([]);
  });
});
