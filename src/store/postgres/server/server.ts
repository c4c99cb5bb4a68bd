// The server as the store talks to it: statements that may be repeated, and are while the way to it is lost.
//   S1. Nothing rests on a session: any statement may go over any connection, behind any pooler.
//   S2. Every statement here may be repeated. Its caller hears whether it was, and settles what that means.
import { RepriseError } from '../../../base/error.ts';
import type { PartStore } from '../../../port/part-store.ts';
import { asStore } from '../../../port/store-traffic.ts';
import { storeClosed } from '../../run-error.ts';
import { pause } from '../../row/pause.ts';
import type { OpenPool, Row } from './pool.ts';
import { readOnlyCause, readOnlyError, warnOfReplica } from './read-only.ts';
import type { ReadOnlyCause } from './read-only.ts';
import { lockMsMax, prepareSchema, quoted } from './schema.ts';
import { isConflict, isLockTimeout, isLost, isNotKept, isReadOnly, isSilence, serverError } from './server-error.ts';

const pauseMsMin = 5;
const pauseMsMax = 250;

export interface ServerSetup {
  /** Opens the pool on first use. */
  readonly open: () => OpenPool;
  readonly schema: string;
  /** The address without its password. */
  readonly shown: string;
  /** With `read` nothing is written. */
  readonly mode: 'write' | 'read';
  /** How long the way to the server is looked for before an operation fails. */
  readonly patienceMs: number;
  /** How long a silent connection is waited for. */
  readonly silenceMs: number;
  /** The settings of a session that the address asks for. */
  readonly wantedSettings?: readonly (readonly [name: string, value: string])[];
  /** Where parts of large values stand, if not in the tables. */
  readonly parts?: PartStore | undefined;
  /** For how long it keeps what no run names any more. */
  readonly partsGraceMs?: number;
  /** A statement is sent again, since its answer was lost. */
  readonly onDoubt?: () => void;
}

/** `text` gets the name of the schema. */
export interface Statement {
  readonly name: string;
  readonly text: (schema: string) => string;
}

export interface Answer {
  readonly rows: readonly Row[];
  /** It was sent more than once, and may have been committed before. */
  readonly wasRepeated: boolean;
}

export class Server {
  readonly shown: string;
  readonly #setup: ServerSetup;
  readonly #texts = new Map<string, string>();
  readonly #schema: string;
  #pool: OpenPool | undefined;
  #prepared: Promise<void> | undefined;
  /** Whether the server keeps statements by name: a pooler may give another connection each time. */
  #keeps = true;
  #hasWarned = false;
  #isClosed = false;

  constructor(setup: ServerSetup) {
    this.#setup = setup;
    this.#schema = quoted(setup.schema);
    this.shown = setup.shown;
  }

  /** On which it is told that runs have grown. */
  get channel(): string {
    return this.#setup.schema;
  }

  /** @throws where nobody can be heard */
  async listen(heard: (payload: string) => void, lost: () => void): Promise<() => void> {
    this.checkOpen();
    this.#pool ??= this.#setup.open();
    const { listen } = this.#pool;
    if (listen === undefined) throw new TypeError('the pool cannot listen');
    const channel = { name: this.channel, quoted: this.#schema };
    return asStore(() => listen(channel, heard, lost));
  }

  /** How many statements wait for a connection, where the pool says so. */
  get waitingCount(): number | undefined {
    return this.#pool?.waitingCount?.();
  }

  /** The settings of a session that the address asks for. */
  get wantedSettings(): readonly (readonly [name: string, value: string])[] {
    return this.#setup.wantedSettings ?? [];
  }

  get parts(): PartStore | undefined {
    return this.#setup.parts;
  }

  get partsGraceMs(): number {
    return this.#setup.partsGraceMs ?? 0;
  }

  get patienceMs(): number {
    return this.#setup.patienceMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws RepriseError `store-closed` */
  checkOpen(): void {
    if (this.#isClosed) throw storeClosed(`the store ${this.shown}`);
  }

  /** @throws RepriseError `store-closed`, `store-read-only` */
  checkWritable(): void {
    this.checkOpen();
    if (this.#setup.mode === 'write') return;
    throw new RepriseError('store-read-only', `the store ${this.shown} was opened for reading`, {
      nextStep: "Open it without mode: 'read'.",
      fields: { store: this.shown },
    });
  }

  /** @throws RepriseError */
  async rows(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.ask(statement, values)).rows;
  }

  /** `patienceMs`: 0 for what is not worth being repeated. @throws RepriseError */
  async ask(statement: Statement, values: readonly unknown[], patienceMs = this.#setup.patienceMs): Promise<Answer> {
    const { name } = statement;
    let text = this.#texts.get(name);
    if (text === undefined) {
      text = statement.text(this.#schema);
      this.#texts.set(name, text);
    }
    return asStore(() =>
      this.#patiently(async (pool) => {
        await this.#prepare(pool);
        return pool.query({ text, name: this.#keeps ? `${this.#schema}.${name}` : undefined }, values);
      }, patienceMs),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await asStore(() => this.#pool?.close());
  }

  #prepare(pool: OpenPool): Promise<void> {
    this.#prepared ??= prepareSchema(pool, this.#setup, this.shown).catch((thrown: unknown) => {
      this.#prepared = undefined;
      throw thrown;
    });
    return this.#prepared;
  }

  async #patiently(send: (pool: OpenPool) => Promise<readonly Row[]>, patienceMs: number): Promise<Answer> {
    const { silenceMs } = this.#setup;
    let waitedMs = 0;
    let wasRepeated = false;
    let cause: ReadOnlyCause | undefined;
    for (let pauseMs = pauseMsMin; ; pauseMs = Math.min(2 * pauseMs, pauseMsMax)) {
      this.checkOpen();
      // Several may be under way when the first of them learns that names are not kept.
      const isNamed = this.#keeps;
      try {
        this.#pool ??= this.#setup.open();
        return { rows: await send(this.#pool), wasRepeated };
      } catch (thrown) {
        if (isNamed && isNotKept(thrown)) {
          this.#keeps = false;
          continue;
        }
        if (isSilence(thrown)) waitedMs += silenceMs;
        if (isLockTimeout(thrown)) waitedMs += lockMsMax;
        if (isReadOnly(thrown)) {
          const isLast = waitedMs >= patienceMs;
          if (cause === undefined || isLast) cause = await this.#readOnlyCause(patienceMs);
          if (cause === 'set' || isLast) throw readOnlyError(thrown, this.shown, cause);
        } else if (!(isLost(thrown) || isConflict(thrown)) || waitedMs >= patienceMs)
          throw serverError(thrown, this.shown);
        if (isLost(thrown)) {
          wasRepeated = true;
          this.#setup.onDoubt?.();
        }
        await pause(pauseMs);
        waitedMs += pauseMs;
      }
    }
  }

  async #readOnlyCause(patienceMs: number): Promise<ReadOnlyCause | undefined> {
    const cause = this.#pool === undefined ? undefined : await readOnlyCause(this.#pool);
    // A reader wants no writes of it.
    if (cause === 'following' && patienceMs > 0 && this.#setup.mode === 'write' && !this.#hasWarned) {
      this.#hasWarned = true;
      warnOfReplica(this.shown, patienceMs);
    }
    return cause;
  }
}
