// What a client is to the matrix: one way to ask, unchanged, and what it cannot be asked for.
import type { Sight } from './sight.ts';
import type { Ask, Need } from './situations/situation.ts';

export interface OpenClient {
  /** Asks as code that uses this client does, and tells `sight` all that such code can see. Throws what the client throws. */
  ask(ask: Ask, sight: Sight): Promise<void>;
}

export interface Client {
  readonly name: string;
  /** Its key in `package.json`; none for what is part of Node. */
  readonly packages: readonly string[];
  /** `http`: asks for anything. `model`: sends messages and reads an answer or events. `service`: calls one operation. */
  readonly kind: 'http' | 'model' | 'service';
  /** What it has no way to ask for, each with the reason. */
  readonly lacks?: Readonly<Partial<Record<Need, string>>>;
  /** What a healthy server answers it. */
  readonly content: Content;
  /** Made once a process, before any node runs, as a module of a user does. */
  open(): Promise<OpenClient>;
}

export interface Content {
  readonly type: string;
  readonly body: string;
  /** The parts of a streamed answer. */
  readonly events: readonly string[];
  readonly failure: string;
  /** Without these the client would not take the server for its own. */
  readonly headers?: Readonly<Record<string, string>>;
}
