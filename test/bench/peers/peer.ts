// What is asked of the other system, typed here: its package is installed beside these files only where they are run.
export interface Message {
  readonly role: string;
  readonly content: string;
}

/** Sends all messages so far, and gets the answer. */
export type Ask = (messages: readonly Message[]) => Promise<Message>;

interface Peer {
  readonly append: (steps: number, bytes: number, file: string) => Promise<void>;
  readonly constant: (steps: number, bytes: number, file: string) => Promise<void>;
  readonly agent: (turns: number, ask: Ask, file: string) => Promise<void>;
  /** Without a file: in memory. */
  readonly trivial: (steps: number, file?: string) => Promise<void>;
  /** `onWrite` is called for each chunk, when the node writes it. */
  readonly chunks: (count: number, onWrite?: () => void) => AsyncIterable<unknown>;
}

export const peer = (await import(new URL('langgraph.mjs', import.meta.url).href)) as Peer;
