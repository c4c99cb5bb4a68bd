// The ranges of numbers that have partitions, as a process sees to them: one is made while the last is in use.
import type { Row } from './pool.ts';
import type { Server, Statement } from './server.ts';
import { codeOf } from './server-error.ts';

const add: Statement = { name: 'add_ranges', text: (s) => `SELECT ${s}.add_ranges()` };

/** Of a row that no partition takes. */
const noPartition = '23514';

export class Ranges {
  readonly #server: Server;
  #adding: Promise<void> | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Asks for what gives runs their numbers; its rows say whether they are `near` the end of what there is. */
  async within(ask: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    const rows = await this.#retried(ask);
    // Nobody waits for it: what it makes is needed when the range in use is full.
    if (rows.some(({ near }) => near === true)) void this.#add().catch(() => undefined);
    return rows;
  }

  async #retried(ask: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    try {
      return await ask();
    } catch (thrown) {
      if (codeOf((thrown as Error).cause) !== noPartition) throw thrown;
      await this.#add();
      return ask();
    }
  }

  #add(): Promise<void> {
    this.#adding ??= this.#server.rows(add, []).then(
      () => {
        this.#adding = undefined;
      },
      (thrown: unknown) => {
        this.#adding = undefined;
        throw thrown;
      },
    );
    return this.#adding;
  }
}
