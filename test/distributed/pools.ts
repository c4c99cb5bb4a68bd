// Pools that stand between a store and its server: they lose answers, or change what is asked, as a store with a fault would.
import { expect } from 'vitest';
import type { PostgresPool } from '../../src/store/postgres/index.ts';

type Asked = (text: string, values?: unknown[]) => ReturnType<PostgresPool['query']>;

export interface LossyPool extends PostgresPool {
  /** How many statements were asked for. */
  readonly count: number;
}

export function lostConnection(): Error {
  return Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
}

/** The answer of the n-th statement is lost, counted from 0: it was executed (`after`) or never arrived (`before`). */
export function lossyPool(pool: PostgresPool, at: number, when: 'after' | 'before' = 'after'): LossyPool {
  let count = 0;
  const query: Asked = async (text, values) => {
    const isLost = count++ === at;
    if (isLost && when === 'before') throw lostConnection();
    const answer = await pool.query(text, values);
    if (isLost) throw lostConnection();
    return answer;
  };
  return {
    query,
    get count() {
      return count;
    },
  };
}

export interface LatePool extends PostgresPool {
  /** What has been held back arrives now, and nobody hears the answer. */
  deliver(): Promise<void>;
}

/** The first statement with this text is held back: its caller hears that the connection is lost. */
export function latePool(pool: PostgresPool, part: string): LatePool {
  let held: (() => Promise<unknown>) | undefined;
  return {
    query: (text, values) => {
      if (held !== undefined || !text.includes(part)) return pool.query(text, values);
      held = () => pool.query(text, values);
      return Promise.reject(lostConnection());
    },
    deliver: async () => {
      if (held === undefined) throw new Error(`no statement has the text ${part}`);
      await held();
    },
  };
}

/** Before the first statement with this text, something else happens. */
export function before(pool: PostgresPool, part: string, happens: () => Promise<void>): PostgresPool {
  let hasHappened = false;
  return {
    query: async (text, values) => {
      if (!hasHappened && text.includes(part)) {
        hasHappened = true;
        await happens();
      }
      return pool.query(text, values);
    },
  };
}

export interface HeldPool extends PostgresPool {
  /** Resolves when the server has done it. */
  readonly isDone: Promise<void>;
  answer(): void;
}

/** The first statement with this text is done, and its answer is on its way until it is let through. */
export function heldPool(pool: PostgresPool, part: string): HeldPool {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let done: () => void = () => undefined;
  const isDone = new Promise<void>((resolve) => {
    done = resolve;
  });
  let isHeld = false;
  return {
    query: async (text, values) => {
      if (isHeld || !text.includes(part)) return pool.query(text, values);
      isHeld = true;
      const result = await pool.query(text, values);
      done();
      await answered;
      return result;
    },
    isDone,
    answer,
  };
}

/** While `isDeaf`, all that is asked for is done, and every answer is lost. */
export function deafPool(pool: PostgresPool): PostgresPool & { isDeaf: boolean } {
  const deaf = {
    isDeaf: false,
    query: (async (text, values) => {
      const answer = await pool.query(text, values);
      if (deaf.isDeaf) throw lostConnection();
      return answer;
    }) as Asked,
  };
  return deaf;
}

export interface TextMutant {
  readonly find: string;
  readonly replace: string;
}

/** A store over this pool is one with other statements. A mutant whose text is no longer there fails the test. */
export function mutantPool(pool: PostgresPool, mutants: readonly TextMutant[]): PostgresPool & { checkUsed(): void } {
  const used = new Set<TextMutant>();
  return {
    query: (text, values) => {
      let changed = text;
      for (const mutant of mutants) {
        if (!text.includes(mutant.find)) continue;
        used.add(mutant);
        changed = changed.replaceAll(mutant.find, () => mutant.replace);
      }
      return pool.query(changed, values);
    },
    checkUsed: () => expect(mutants.filter((mutant) => !used.has(mutant))).toEqual([]),
  };
}
