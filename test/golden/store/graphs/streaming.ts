import { append, fields, graph, text } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/index.ts';
import type { Ask } from './outside.ts';

export const wordCount = 6;
const wordsPerCall = 2;

/** A plain and a resumable generator side by side, then another plain one. */
export function streaming(ask: Ask): AnyGraph {
  type Asking = Parameters<Ask>[0];
  async function* words(context: Asking, who: string, from: number): AsyncGenerator<string, void, void> {
    for (let place = from; place < wordCount; ) {
      const answer = await ask(context, 'words', `${who} from ${place}`);
      for (const end = place + wordsPerCall; place < end; place += 1) yield `${answer}, ${place}; `;
    }
  }
  return graph('streaming', { state: fields({ again: text(), log: append<string>(), plain: text(), resumed: text() }) })
    .node('begin', () => ({}))
    .node('plain', async function* (_state, context) {
      for await (const word of words(context, 'plain', 0)) yield { plain: word };
      return { delta: { log: ['plain'] } };
    })
    .node(
      'resumable',
      async function* (_state, context) {
        for await (const word of words(context, 'resumable', context.resumed.length)) yield { resumed: word };
        return { delta: { log: ['resumable'] } };
      },
      { resumable: true },
    )
    .node('again', async function* (_state, context) {
      for await (const word of words(context, 'again', 0)) yield { again: word };
      return { delta: { log: ['again'] } };
    })
    .edge('begin', 'plain')
    .edge('begin', 'resumable')
    .join(['plain', 'resumable'], 'again')
    .start('begin')
    .build();
}
