// The few methods of better-sqlite3 that are needed, and how it is loaded: only when a store is opened, and only by a
// Node that it does not crash.
import { createRequire } from 'node:module';
import { RepriseError } from '../../base/error.ts';

export interface Statement {
  run(...values: readonly unknown[]): { readonly changes: number };
  get(...values: readonly unknown[]): unknown;
  all(...values: readonly unknown[]): unknown[];
}

export interface SqliteHandle {
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  pragma(text: string, options?: { readonly simple: boolean }): unknown;
  close(): void;
}

type OpenHandle = new (
  path: string,
  options: { readonly readonly: boolean; readonly fileMustExist: boolean; readonly timeout: number },
) => SqliteHandle;

const nodeMajorMin = 22;

/** @throws RepriseError `node-too-old`, `peer-missing` */
export function loadSqlite(): OpenHandle {
  // An older Node dies inside better-sqlite3 without a word, so it is told before.
  if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
    throw new RepriseError(
      'node-too-old',
      `this is Node ${process.versions.node}, which better-sqlite3 does not run on`,
      {
        nextStep: 'Use Node 22.18 or newer.',
      },
    );
  }
  try {
    return createRequire(import.meta.url)('better-sqlite3') as OpenHandle;
  } catch (cause) {
    throw new RepriseError('peer-missing', 'the SQLite store needs the package better-sqlite3', {
      nextStep: 'npm install better-sqlite3',
      cause,
    });
  }
}
