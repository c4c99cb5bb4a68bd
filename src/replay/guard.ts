// The guard of a replay: whatever a node uses to reach outside beside HTTP is refused and named. Files are not guarded.
// It acts only inside an attempt (port/attempt.ts); the rest of the process is left alone.
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http2 from 'node:http2';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import workerThreads from 'node:worker_threads';
import { RepriseError } from '../base/error.ts';
import { currentAttempt } from '../port/attempt.ts';
import type { CurrentAttempt } from '../port/attempt.ts';

export interface Refusal {
  /** What was tried: "a TCP connection to 127.0.0.1:5432". */
  readonly what: string;
  readonly at: string;
  readonly node: string;
  readonly stack: string;
}

type Anything = (this: unknown, ...given: unknown[]) => unknown;
interface Guarded {
  readonly holder: object;
  readonly name: string;
  readonly describe: (given: readonly unknown[]) => string;
}

const lookUp = (given: readonly unknown[]): string => `a DNS look-up of ${show(given[0])}`;
const run = (given: readonly unknown[]): string => `a child process (${show(given[0])})`;

const guarded: readonly Guarded[] = [
  { holder: http2, name: 'connect', describe: (given) => `an HTTP/2 connection to ${show(given[0])}` },
  { holder: tls, name: 'connect', describe: (given) => `a TLS connection to ${target(given)}` },
  { holder: net.Socket.prototype, name: 'connect', describe: (given) => `a TCP connection to ${target(given)}` },
  { holder: dgram.Socket.prototype, name: 'send', describe: () => 'a UDP datagram' },
  { holder: dgram.Socket.prototype, name: 'bind', describe: () => 'a UDP socket' },
  { holder: dgram.Socket.prototype, name: 'connect', describe: () => 'a UDP socket' },
  ...['lookup', 'lookupService', 'reverse', ...resolvers(dns)].map((name) => ({ holder: dns, name, describe: lookUp })),
  ...['lookup', 'lookupService', 'reverse', ...resolvers(dns.promises)].map((name) => ({
    holder: dns.promises,
    name,
    describe: lookUp,
  })),
  ...['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'].map((name) => ({
    holder: childProcess,
    name,
    describe: run,
  })),
];

function resolvers(holder: object): readonly string[] {
  return Object.keys(holder).filter(
    (name) => /^resolve/.test(name) && typeof (holder as Record<string, unknown>)[name] === 'function',
  );
}

let installed: { readonly restore: () => void; count: number } | undefined;
const listeners = new Set<(refusal: Refusal) => void>();

/** Begins to refuse; the returned function gives everything back. Several replays at once share one guard. */
export function installGuard(refused: (refusal: Refusal) => void): () => void {
  installed ??= { restore: patchAll(), count: 0 };
  installed.count += 1;
  listeners.add(refused);
  return () => {
    listeners.delete(refused);
    if (installed === undefined) return;
    installed.count -= 1;
    if (installed.count > 0) return;
    installed.restore();
    installed = undefined;
  };
}

function patchAll(): () => void {
  const restores = guarded.map(patch);
  restores.push(patchWorker());
  syncBuiltinESMExports();
  return () => {
    for (const restore of restores.reverse()) restore();
    syncBuiltinESMExports();
  };
}

function patch({ holder, name, describe }: Guarded): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const original = (holder as Record<string, Anything>)[name] as Anything;
  const replacement: Anything = function (this: unknown, ...given) {
    const attempt = currentAttempt.getStore();
    if (attempt !== undefined) throw refuse(attempt, describe(given));
    return original.apply(this, given);
  };
  // What hangs on the function itself (`util.promisify.custom` for one) stays reachable.
  Object.setPrototypeOf(replacement, original);
  (holder as Record<string, Anything>)[name] = replacement;
  return () => {
    if (own === undefined) delete (holder as Record<string, Anything>)[name];
    else Object.defineProperty(holder, name, own);
  };
}

function patchWorker(): () => void {
  const original = workerThreads.Worker;
  workerThreads.Worker = class Worker extends original {
    constructor(...given: ConstructorParameters<typeof original>) {
      const attempt = currentAttempt.getStore();
      if (attempt !== undefined) throw refuse(attempt, `a worker thread (${show(given[0])})`);
      super(...given);
    }
  };
  return () => {
    workerThreads.Worker = original;
  };
}

function refuse(attempt: CurrentAttempt, what: string): RepriseError {
  const error = new RepriseError(
    'effect-refused',
    `node "${attempt.node}" tried ${what}, which a replay does not allow`,
    {
      nextStep: 'Wrap it in `context.effect`, so that its outcome is recorded and answered from the fixture.',
      fields: { what, node: attempt.node },
    },
  );
  const refusal: Refusal = { what, at: attempt.at, node: attempt.node, stack: callerStack(error) };
  for (const listener of listeners) listener(refusal);
  return error;
}

/** The part of a stack that a user can do something about. */
function callerStack(error: Error): string {
  const lines = (error.stack ?? '').split('\n').slice(1);
  return lines.filter((line) => !line.includes('node:') && !/[\\/]replay[\\/]guard\./.test(line)).join('\n');
}

function target(given: readonly unknown[]): string {
  // `net.connect` normalizes its arguments into one list, marked as such.
  const first = Array.isArray(given[0]) ? (given[0] as readonly unknown[])[0] : given[0];
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: unknown; port?: unknown; path?: unknown };
    return path !== undefined && port === undefined ? show(path) : `${show(host ?? 'localhost')}:${show(port)}`;
  }
  return typeof given[1] === 'string' ? `${show(given[1])}:${show(first)}` : show(first);
}

function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || value instanceof URL ? String(value) : typeof value;
}
