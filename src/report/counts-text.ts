import type { ComparedCounts } from '../diff/divergence-log.ts';

/** How much was compared. */
export function countsText({ steps, tasks, effects, events }: ComparedCounts): string {
  return `${count(steps, 'step')}, ${count(tasks, 'task')}, ${count(effects, 'effect')}, ${count(events, 'event')}`;
}

export function count(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`;
}
