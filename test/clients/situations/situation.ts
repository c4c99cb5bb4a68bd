// A situation: what a server does, and what a client asks it for.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Content } from '../client.ts';

/** What not every client can ask for. */
export type Need =
  | 'method'
  | 'headers'
  | 'body'
  | 'stream up'
  | 'form'
  | 'stream down'
  | 'signal'
  | 'timeout'
  | 'redirects'
  | 'counted retries'
  | 'unix'
  | 'proxy'
  | 'base path';

export interface Ask {
  /** Without a path of its own; an `http` client asks exactly for this address. */
  readonly url: string;
  readonly name: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AskBody | undefined;
  readonly reading: 'whole' | 'parts';
  /** How often a client that can retry by itself may do so. */
  readonly retries: number;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** To be called after each part of a streamed answer. */
  readonly onPart: () => void;
  readonly socketPath: string | undefined;
  readonly proxy: string | undefined;
}

export type AskBody =
  | { readonly kind: 'text'; readonly text: string; readonly type: string }
  | { readonly kind: 'stream'; readonly parts: readonly string[] }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>>; readonly file: string };

export interface Served {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly content: Content;
  /** From 1: which request of this situation it is. */
  readonly count: number;
  /** The path behind the situation: where a redirect leads to. */
  readonly rest: string;
  /** The address of the situation, for redirects. */
  readonly base: string;
}

export interface Situation {
  readonly name: string;
  readonly group: string;
  readonly serve: (served: Served) => void | Promise<void>;
  readonly needs?: readonly Need[];
  readonly ask?: Partial<Pick<Ask, 'method' | 'headers' | 'body' | 'reading' | 'retries' | 'timeoutMs'>>;
  /** How many calls are made: one after the other, or at once. */
  readonly calls?: { readonly count: number; readonly together: boolean };
  /** When the caller gives up by a signal: so many ms after it asked, or behind the first part. */
  readonly abort?: number | 'first part';
  readonly target?: 'closed port' | 'unix socket' | 'proxy';
  /** Kinds of clients that it says nothing about, with the reason. */
  readonly not?: Readonly<Partial<Record<'http' | 'model' | 'service', string>>>;
}
