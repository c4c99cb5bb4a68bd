// The outside world: a model with built-in web search, through its official client.
import Anthropic from '@anthropic-ai/sdk';

export interface Source {
  readonly url: string;
  readonly title: string;
}

let anthropic: Anthropic | undefined;

/** Created on first use, so that importing the graph needs no key. */
function client(): Anthropic {
  anthropic ??= new Anthropic({ maxRetries: 0 });
  return anthropic;
}

/** Collects the text and its sources; a source that is cited twice counts once. */
export async function searchWeb(question: string) {
  const stream = await client().messages.create({
    model: 'claude-sonnet-4-20250514',
    max_tokens: 2048,
    messages: [{ role: 'user', content: question }],
    tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }],
    stream: true,
  });
  const found = { draft: '', tokens: 0, sources: new Map<string, Source>() };
  for await (const event of stream) {
    if (event.type === 'message_delta') found.tokens = event.usage.output_tokens;
    if (event.type !== 'content_block_delta') continue;
    if (event.delta.type === 'text_delta') found.draft += event.delta.text;
    if (event.delta.type === 'citations_delta' && event.delta.citation.type === 'web_search_result_location') {
      const { url, title } = event.delta.citation;
      found.sources.set(url, { url, title: title ?? url });
    }
  }
  return { ...found, sources: [...found.sources.values()] };
}
