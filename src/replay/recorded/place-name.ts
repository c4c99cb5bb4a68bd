// What has a number in the order of a recorded step, in words.
import { fullAddressText } from '../../journal/address.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';

export function placeName({ entries }: Pick<StepIndex, 'entries'>, place: number): string {
  for (const entry of entries) {
    if (entry.kind === 'outcome') {
      const { order } = entry.observed;
      if (order?.started === place) return `the start of ${entry.at}`;
      if (order?.ended === place) return `the end of ${entry.at}`;
    } else if (entry.kind === 'effect') {
      const { order } = entry.observed;
      const address = fullAddressText(entry.at, entry);
      if (order?.asked === place) return `what ${address} asks for`;
      if (order?.given === place) return `the answer to ${address}`;
      const hasPart = order?.parts?.some(([first, count]) => place >= first && place < first + count);
      if (hasPart === true) return `a part of the answer to ${address}`;
    }
  }
  return 'a timer';
}
