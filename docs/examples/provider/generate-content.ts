// `/v1beta/models/<model>:streamGenerateContent` (and `/v1/…`), as Google answers it.
import { events, json } from './answer.ts';
import type { Answer } from './answer.ts';
import { providerStream } from './provider-stream.ts';

export const generateContentPath = /^\/v1(?:beta)?\/models\/[^/:]+:streamGenerateContent$/;

interface GenerateContentRequest {
  readonly tools?: readonly unknown[];
}

/** Without `alt=sse`, the chunks are one JSON array. */
export function generateContentAnswer({ tools = [] }: GenerateContentRequest, alt: string | undefined): Answer {
  const lines = providerStream(tools.length > 0 ? 'google-tool-call' : 'google-text');
  return alt === 'sse' ? events('data-crlf', lines) : json(lines.map((line): unknown => JSON.parse(line)));
}
