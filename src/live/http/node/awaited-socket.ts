import type { Duplex } from 'node:stream';

type Give = (socket: Duplex | undefined, error?: Error) => void;

/** A socket that arrives unasked, withheld from its request until that may be sent. */
export class AwaitedSocket {
  readonly #give: Give;
  #arrived: { readonly socket: Duplex | undefined; error: Error | undefined } | undefined;
  #decision: 'open' | 'accepted' | 'refused' = 'open';

  constructor(give: Give) {
    this.#give = give;
  }

  arrive(socket: Duplex | undefined, error: Error | undefined): void {
    if (this.#decision === 'accepted') {
      this.#give(socket, error);
      return;
    }
    // An error of a withheld socket has no other listener, and would end the process.
    socket?.on('error', this.#stash);
    this.#arrived = { socket, error };
    if (this.#decision === 'refused') socket?.destroy();
  }

  readonly #stash = (error: Error): void => {
    if (this.#arrived !== undefined) this.#arrived.error ??= error;
  };

  accept(): void {
    this.#decision = 'accepted';
    if (this.#arrived === undefined) return;
    const { socket, error } = this.#arrived;
    this.#give(socket, error);
    socket?.off('error', this.#stash);
  }

  refuse(): void {
    this.#decision = 'refused';
    this.#arrived?.socket?.destroy();
  }
}
