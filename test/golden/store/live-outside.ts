// The outside of one life of a run. It logs every call.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LoopbackServer } from '../../support/loopback-server.ts';
import { answerTo, neverAnswered } from './graphs/outside.ts';
import type { Call, Outside } from './graphs/outside.ts';

export interface OutsideSetup {
  /** Calls that get no answer, as `name` or `name request`. */
  readonly silent?: readonly string[];
  /** Resolves when the call may be answered. */
  readonly before?: (call: Call) => Promise<void>;
  readonly onCall?: (call: Call) => void;
}

const forever = new Promise<never>(() => undefined);

export class LiveOutside implements Outside, AsyncDisposable {
  readonly calls: Call[] = [];
  readonly #setup: OutsideSetup;
  #server: LoopbackServer | undefined;

  private constructor(setup: OutsideSetup) {
    this.#setup = setup;
  }

  static async start(setup: OutsideSetup = {}): Promise<LiveOutside> {
    const outside = new LiveOutside(setup);
    outside.#server = await LoopbackServer.start((request, response) => void outside.#serve(request, response));
    return outside;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  async call(call: Call): Promise<void> {
    const { silent = [], before, onCall } = this.#setup;
    this.calls.push(call);
    onCall?.(call);
    await before?.(call);
    const isSilent = silent.includes(call.name) || silent.includes(textOf(call));
    if (isSilent || call.name === neverAnswered) await forever;
  }

  /** Whether every call that gets no answer has been made. */
  get isWaitedFor(): boolean {
    const heard = new Set(this.calls.flatMap((call) => [call.name, textOf(call)]));
    return (this.#setup.silent ?? []).every((name) => heard.has(name));
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = `${message.method} ${new URL(message.url ?? '', this.url).pathname}`;
    message.resume();
    await this.call({ at: '', name: 'http', request, key: String(message.headers['idempotency-key'] ?? '') });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ said: answerTo('http', request) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}

export function textOf({ name, request }: Pick<Call, 'name' | 'request'>): string {
  return `${name} ${request}`;
}
