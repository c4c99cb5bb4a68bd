// Writes that go together, in one transaction for a turn of the event loop: on its own, each would wait until no other
// process has the file.
//   B1. They are written in the order in which they were asked for.
//   B2. One that fails leaves the others as they are. Where the file fails, all of them do.
import { RepriseError } from '../../../base/error.ts';
import { nextTurn } from '../../row/pause.ts';
import type { WriteStatements } from './statements.ts';
import type { OpenFile, StoreFile } from './store-file.ts';

/** So many take a few milliseconds. */
const groupMax = 64;

type Outcome =
  | { readonly kind: 'made'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly thrown: unknown };

interface Wanted {
  readonly prepare: (file: OpenFile) => unknown;
  readonly work: (sql: WriteStatements, prepared: unknown, file: OpenFile) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (thrown: unknown) => void;
}

export class WriteGroup implements Pick<StoreFile, 'writePrepared'> {
  readonly #file: StoreFile;
  #waiting: Wanted[] = [];

  constructor(file: StoreFile) {
    this.#file = file;
  }

  /** Like that of the file, in a later turn. */
  writePrepared<Prepared, Result>(
    prepare: (file: OpenFile) => Prepared,
    work: (sql: WriteStatements, prepared: Prepared, file: OpenFile) => Result,
  ): Promise<Result> {
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ prepare, work: work as Wanted['work'], resolve, reject });
      if (this.#waiting.length === 1) void this.#writeAll();
    }) as Promise<Result>;
  }

  async #writeAll(): Promise<void> {
    await nextTurn();
    const all = this.#waiting;
    this.#waiting = [];
    for (let first = 0; first < all.length; first += groupMax) {
      if (first > 0) await nextTurn();
      await this.#write(all.slice(first, first + groupMax));
    }
  }

  async #write(group: readonly Wanted[]): Promise<void> {
    try {
      const outcomes = await this.#file.writePrepared(
        (file) => group.map(({ prepare }) => outcomeOf(() => prepare(file))),
        (sql, prepared, file) =>
          group.map(({ work }, index): Outcome => {
            const own = prepared[index] as Outcome;
            return own.kind === 'refused' ? own : apart(sql, () => work(sql, own.value, file));
          }),
      );
      for (const [index, { resolve, reject }] of group.entries()) {
        const outcome = outcomes[index] as Outcome;
        if (outcome.kind === 'made') resolve(outcome.value);
        else reject(outcome.thrown);
      }
    } catch (thrown) {
      for (const { reject } of group) reject(thrown);
    }
  }
}

function outcomeOf(make: () => unknown): Outcome {
  try {
    return { kind: 'made', value: make() };
  } catch (thrown) {
    return { kind: 'refused', thrown };
  }
}

/** What is refused is undone alone. After a failure of the file there may be no transaction left. */
function apart(sql: WriteStatements, work: () => unknown): Outcome {
  sql.beginPart.run();
  try {
    const value = work();
    sql.endPart.run();
    return { kind: 'made', value };
  } catch (thrown) {
    if (!(thrown instanceof RepriseError)) throw thrown;
    sql.undoPart.run();
    sql.endPart.run();
    return { kind: 'refused', thrown };
  }
}
