// Which text of an answer the model has said. The APIs of OpenAI (chat completions, responses), Anthropic (messages) and Google
// have places for it; what surrounds it (ids, `chat.completion`) is often longer. Elsewhere nothing is known of places.
import type { Value } from '../../base/value.ts';

export type Path = readonly (string | number)[];

export interface Text {
  readonly path: Path;
  readonly text: string;
  /** What holds it. */
  readonly holder: Value;
}

/** What is said to people before what is said to tools. */
const places: readonly RegExp[] = [
  /(?:^|\.)(?:choices\.\*\.(?:text|delta\.content)|(?:message|delta)\.content|(?:content|parts)\.\*\.text|delta\.text)$/,
  /(?:^|\.)(?:function\.arguments|output\.\*\.arguments|delta\.partial_json|(?:content\.\*\.input|functionCall\.args)(?:\.[^.]+)+)$/,
];

/** Those that were said to the one whom most was said to; empty if none is in a place that is known. */
export function saidTexts<One extends Text>(texts: readonly One[]): readonly One[] {
  for (let rank = 0; rank < places.length; rank += 1) {
    const said = texts.filter((text) => rankOf(text) === rank);
    if (said.length > 0) return said;
  }
  return [];
}

function rankOf({ path, holder }: Text): number {
  const place = path.map((key) => (typeof key === 'number' ? '*' : key)).join('.');
  const { role, type } = (holder ?? {}) as { readonly role?: Value; readonly type?: Value };
  if (path.at(-1) === 'content' && role === 'assistant') return 0;
  if (path.at(-1) === 'delta' && type === 'response.output_text.delta') return 0;
  if (path.at(-1) === 'delta' && type === 'response.function_call_arguments.delta') return 1;
  return places.findIndex((form) => form.test(place));
}

/** Fields in which the same text may stand once more: a stream that gave it in parts gives it as a whole in the end. */
const repeating: ReadonlySet<unknown> = new Set(['text', 'content', 'arguments', 'output_text']);

export function mayRepeat({ path }: Text): boolean {
  return repeating.has(path.at(-1));
}

/** What a part of a stream belongs to: its place, and the numbers that the objects around it give it. */
export function seriesOf({ path, holder }: Text, event: Value): string {
  const numbers: unknown[] = [];
  let around: unknown = event;
  for (const key of path) {
    const { type, index, output_index, content_index } = around as { readonly [name: string]: unknown };
    numbers.push([type, index, output_index, content_index]);
    around = (around as { readonly [name: string]: unknown })[key];
  }
  return JSON.stringify([path, numbers, (holder as { readonly type?: unknown }).type]);
}

/** As code has it: `choices[0].message.content`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}
