// What no order could bring earlier, and what the recording would have to hold for it.
import { eventText } from '../text/event-text.ts';
import { below, oneLine } from '../text/plain-text.ts';
import type { ExploreFacts, Untried } from './explore-facts.ts';

const untriedShownMax = 3;

/** What the recording does not hold, and how it could. */
export function untriedLines({ untried = [], verdict }: ExploreFacts): readonly string[] {
  // A finding stands, whatever else could come.
  if (untried.length === 0 || verdict === 'found') return [];
  const shown = untried.slice(0, untriedShownMax).map(untriedText);
  const more = untried.length - shown.length;
  const reasons = new Set(untried.map(({ why }) => why));
  return [
    ...shown,
    ...(more > 0 ? [`not tried: ${more} more of the kind`] : []),
    ...untriedNext.filter(({ why }) => reasons.has(why)).map(({ next }) => `next: ${next}`),
  ].flatMap(below);
}

const untriedNext: readonly { readonly why: Untried['why']; readonly next: string }[] = [
  {
    why: 'not recorded',
    next: 'record the run with `--late-answers 5000` (`lateAnswersMs` of `createEngine`), so that it waits for what nodes leave behind; for what they give up, explore the input with fakes',
  },
  { why: 'given up', next: 'explore the input with fakes: nobody else can answer what a node gives up' },
  { why: 'timer', next: '`--faults models` tries answers that come too late' },
  { why: 'work', next: 'put such work into an effect (`context.effect`): then its orders are tried' },
];

function untriedText({ event, node, what, why }: Untried): string {
  if (why === 'work')
    return `not tried: that work of Node which "${oneLine(node)}" (${event}) began, such as reading a file, ends earlier or later than what is under way beside it`;
  return why === 'timer'
    ? `not tried: that ${eventText(event, node)}, which had not fired when the run was recorded, comes first`
    : `not tried: that ${eventText(event, node, what)} comes earlier, since it is not recorded${why === 'given up' ? ': the node gave it up' : ''}`;
}
