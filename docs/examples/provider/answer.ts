// The provider's answers, as data. The same request always gets the same answer, whenever it arrives.

/** How an event is framed on the wire; providers differ. */
export type Framing = 'data' | 'data-crlf' | 'event-and-data';

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'events'; readonly framing: Framing; readonly events: readonly string[] };

export function json(body: unknown, status = 200): Answer {
  return { kind: 'json', status, body };
}

export function events(framing: Framing, lines: readonly string[]): Answer {
  return { kind: 'events', framing, events: lines };
}

/** An error in the form that the OpenAI and Anthropic clients parse. */
export function refusal(status: number, type: string, message: string): Answer {
  return json({ type: 'error', error: { type, code: type, message, param: null } }, status);
}

export function frame(framing: Framing, event: string): string {
  switch (framing) {
    case 'data':
      return `data: ${event}\n\n`;
    case 'data-crlf':
      return `data: ${event}\r\n\r\n`;
    case 'event-and-data':
      return `event: ${(JSON.parse(event) as { type: string }).type}\ndata: ${event}\n\n`;
  }
}
