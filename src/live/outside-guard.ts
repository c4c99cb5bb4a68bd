// Watches the ways out of a node that are neither HTTP nor an effect: sockets, DNS look-ups, processes, workers. A recorded
// run reports them, because a replay cannot repeat them; a replay refuses them. Files are not guarded. Only what a node
// does itself counts (port/attempt.ts): the rest of the process, and the inside of an effect, is left alone.
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http2 from 'node:http2';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import workerThreads from 'node:worker_threads';
import { currentAttempt } from '../port/attempt.ts';
import type { CurrentAttempt } from '../port/attempt.ts';

export interface OutsideCall {
  /** For example "a TCP connection to 127.0.0.1:5432". */
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
  // Underneath `spawn`, `exec` and `fork`: their promisified forms bypass the functions that the module exports.
  {
    holder: childProcess.ChildProcess.prototype,
    name: 'spawn',
    describe: ([options]) => `a child process (${show((options as { file?: unknown } | undefined)?.file)})`,
  },
  ...['spawnSync', 'execSync', 'execFileSync'].map((name) => ({ holder: childProcess, name, describe: run })),
];

function resolvers(holder: object): readonly string[] {
  return Object.keys(holder).filter(
    (name) => /^resolve/.test(name) && typeof (holder as Record<string, unknown>)[name] === 'function',
  );
}

/** Decides about a call: an error refuses it, `undefined` lets it through. */
export type OutsideRule = (attempt: CurrentAttempt, call: OutsideCall) => Error | undefined;

let installed: { readonly restore: () => void } | undefined;
const rules: OutsideRule[] = [];

/** Starts watching; the returned function stops it and restores everything. If several watch, all rules are asked. */
export function installOutsideGuard(rule: OutsideRule): () => void {
  installed ??= { restore: patchAll() };
  rules.push(rule);
  return () => {
    const place = rules.indexOf(rule);
    if (place < 0) return;
    rules.splice(place, 1);
    if (rules.length > 0) return;
    installed?.restore();
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
    ask(() => describe(given));
    return original.apply(this, given);
  };
  // Keeps the function's own properties reachable, such as `util.promisify.custom`.
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
      ask(() => `a worker thread (${show(given[0])})`);
      super(...given);
    }
  };
  return () => {
    workerThreads.Worker = original;
  };
}

/** @throws the error with which a rule refuses the call */
function ask(describe: () => string): void {
  const attempt = currentAttempt.getStore();
  if (attempt === undefined || attempt.isPerforming) return;
  const call: OutsideCall = {
    what: describe(),
    at: attempt.at,
    node: attempt.node,
    stack: callerStack(new Error('called here')),
  };
  for (const rule of rules) {
    const refusal = rule(attempt, call);
    if (refusal !== undefined) throw refusal;
  }
}

/** The part of a stack that is the user's code. */
function callerStack(error: Error): string {
  const lines = (error.stack ?? '').split('\n').slice(1);
  return lines.filter((line) => !line.includes('node:') && !/outside-guard/.test(line)).join('\n');
}

function target(given: readonly unknown[]): string {
  // `net.connect` passes its arguments on as one normalized list.
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
