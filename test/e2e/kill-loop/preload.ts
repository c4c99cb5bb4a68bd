// Loaded before anything else in a worker of the kill loop: its parent moves its clock, and has it die inside a
// transaction. The real clock is taken when Reprise is loaded, so it has to be replaced before that.
import { createRequire } from 'node:module';
import type Sqlite from 'better-sqlite3';

export type Fault = { readonly kind: 'jump'; readonly ms: number } | { readonly kind: 'die'; readonly after: number };

const RealDate = Date;
let offsetMs = Number(process.env.KILL_LOOP_OFFSET ?? 0);
/** Statements inside of transactions until this process dies. */
let statementsLeft = Number.POSITIVE_INFINITY;

const now = (): number => RealDate.now() + offsetMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

process.on('message', (fault: Fault | { readonly kind: 'other' }) => {
  if (fault.kind === 'jump') offsetMs = fault.ms;
  if (fault.kind === 'die') statementsLeft = fault.after;
});

const Database = createRequire(import.meta.url)('better-sqlite3') as typeof Sqlite;
const memory = new Database(':memory:');
const statement = Object.getPrototypeOf(memory.prepare('SELECT 1')) as Record<string, unknown>;
memory.close();
for (const name of ['run', 'get', 'all']) {
  const original = statement[name] as (this: Sqlite.Statement, ...values: unknown[]) => unknown;
  statement[name] = function counted(this: Sqlite.Statement, ...values: unknown[]): unknown {
    const result = original.apply(this, values);
    if (statementsLeft !== Number.POSITIVE_INFINITY && this.database.inTransaction) {
      statementsLeft -= 1;
      if (statementsLeft <= 0) process.kill(process.pid, 'SIGKILL');
    }
    return result;
  };
}
