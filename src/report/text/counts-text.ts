import type { ComparedCounts } from '../../diff/divergence-log.ts';

/** How much was compared. */
export function countsText({ steps, tasks, effects, chunks, events }: ComparedCounts): string {
  const streamed = chunks === 0 ? [] : [count(chunks, 'chunk')];
  const counts = [count(steps, 'step'), count(tasks, 'task'), count(effects, 'effect'), ...streamed];
  return [...counts, count(events, 'event')].join(', ');
}

export function count(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`;
}
