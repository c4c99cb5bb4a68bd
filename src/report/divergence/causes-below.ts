import { severalLines } from '../text/plain-text.ts';

const causesShownMax = 3;

/** What the message of an error leaves out, a line each: `fetch failed` says nothing about the connection. */
export function causesBelow({ message, cause }: Error): readonly string[] {
  const texts: string[] = [];
  for (let below = cause; below instanceof Error && texts.length < causesShownMax; below = below.cause) {
    const { code, errors } = below as Error & { readonly code?: unknown; readonly errors?: unknown };
    const [first] = Array.isArray(errors) ? (errors as readonly unknown[]) : [];
    const text =
      below.message || (first instanceof Error ? first.message : '') || (typeof code === 'string' ? code : '');
    if (text !== '' && !message.includes(text)) texts.push(severalLines(text));
  }
  return texts;
}
