// The few methods of better-sqlite3 that the store uses, and how the package is loaded: only when a store is opened,
// and only on a version of Node that it does not crash.
import { createRequire } from 'node:module';
import { RepriseError, messageOf } from '../../../base/error.ts';
import { ownAddress } from '../../../base/own-address.ts';

export interface Statement {
  run(...values: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  get(...values: readonly unknown[]): unknown;
  all(...values: readonly unknown[]): unknown[];
  /** One by one: leaving the loop early leaves the rest unread. */
  iterate(...values: readonly unknown[]): Iterable<unknown>;
}

export interface Preparing {
  prepare(sql: string): Statement;
}

export interface SqliteHandle extends Preparing {
  exec(sql: string): unknown;
  pragma(text: string, options?: { readonly simple: boolean }): unknown;
  close(): void;
}

/** A parameter that something is compared with, or that is a limit. */
const comparedParameter = /(?<=(?:[=<>]|\bLIMIT|\bOFFSET) )[?@]/g;

/**
 * Prepares statements that are compiled once. SQLite compiles one again each time it is given other values, if its plan
 * might be better for those: a poll of a worker took 0.1 ms for that alone. Here each has one good plan, whatever it is
 * given, and behind a plus it cannot see the values.
 */
export function withOnePlan(handle: Preparing): Preparing {
  return { prepare: (text) => handle.prepare(text.replaceAll(comparedParameter, '+$&')) };
}

/**
 * Prepares statements when they are first used. Compiling those that a process does not need would take longer than all
 * else there is to do before its first run.
 */
export function whenUsed(handle: Preparing): Preparing {
  return { prepare: (text) => new LaterStatement(handle, text) };
}

class LaterStatement implements Statement {
  readonly #handle: Preparing;
  readonly #text: string;
  #prepared: Statement | undefined;

  constructor(handle: Preparing, text: string) {
    this.#handle = handle;
    this.#text = text;
  }

  get #statement(): Statement {
    this.#prepared ??= this.#handle.prepare(this.#text);
    return this.#prepared;
  }

  run(...values: readonly unknown[]): ReturnType<Statement['run']> {
    return this.#statement.run(...values);
  }
  get(...values: readonly unknown[]): unknown {
    return this.#statement.get(...values);
  }
  all(...values: readonly unknown[]): unknown[] {
    return this.#statement.all(...values);
  }
  iterate(...values: readonly unknown[]): Iterable<unknown> {
    return this.#statement.iterate(...values);
  }
}

/** Opens the file at a path, or the contents of one in a buffer. */
export type OpenHandle = new (
  file: string | Buffer,
  options: { readonly readonly: boolean; readonly fileMustExist: boolean; readonly timeout: number },
) => SqliteHandle;

const nodeMin = [22, 18] as const;

/** Whether better-sqlite3 runs on this version of Node. Older versions crash inside it without a message. */
export function runsOnNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]);
}

/** @throws RepriseError `node-too-old`, `peer-missing` */
export function loadSqlite(version: string, load: () => unknown = requireSqlite): OpenHandle {
  if (!runsOnNode(version)) {
    throw new RepriseError('node-too-old', `better-sqlite3 does not run on Node ${version}`, {
      nextStep: `Use Node ${nodeMin.join('.')} or newer.`,
      fields: { version },
    });
  }
  try {
    return load() as OpenHandle;
  } catch (cause) {
    const isAbsent = (cause as { code?: unknown } | null)?.code === 'MODULE_NOT_FOUND';
    const what = isAbsent ? 'is not installed' : `cannot be loaded: ${messageOf(cause)}`;
    throw new RepriseError('peer-missing', `the SQLite store needs the package better-sqlite3, which ${what}`, {
      nextStep: 'npm install better-sqlite3@13',
      cause,
    });
  }
}

function requireSqlite(): unknown {
  return createRequire(ownAddress)('better-sqlite3');
}
