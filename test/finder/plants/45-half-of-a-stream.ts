import { append, fields, graph } from '../../../src/index.ts';
import { listeningAt } from '../loopback.ts';
import type { Plant } from '../plant.ts';

const parts = ['["milk", ', '"bread", ', '"cheese"]'];
const url = await listeningAt((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const [first, ...rest] = parts;
  response.write(first, () => setTimeout(() => response.end(rest.join('')), 60));
});

/** Takes what has come, however it ended. */
async function textOf(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body as ReadableStream<Uint8Array>) text += decoder.decode(bytes);
  } catch {
    return text;
  }
  return text;
}

export const plant: Plant = {
  title: 'half of the JSON of a broken stream is completed and parsed',
  rung: 'faults',
  depth: 1,
  invariant: ({ state }) => {
    const { items } = state as { readonly items: readonly string[] };
    return items.length === 0 || items.length === parts.length;
  },
  make: () =>
    graph('list', { state: fields({ items: append<string>() }) })
      .node('read', async () => {
        const text = await textOf(await fetch(url)).catch(() => '');
        const closed = text.endsWith(']') ? text : `${text.replace(/,?\s*$/, '')}]`;
        try {
          return { delta: { items: JSON.parse(closed) as string[] } };
        } catch {
          return { delta: { items: [] } };
        }
      })
      .start('read')
      .build(),
};
