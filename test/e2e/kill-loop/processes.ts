// The processes of the kill loop, and what is done to them.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause } from '../../support/loopback-server.ts';
import type { Fault } from './preload.ts';
import type { Follow } from './reader-main.ts';
import type { Order, Told } from './worker-main.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A process that is started again when it is killed. */
export class Restarted<Message, Answer extends object> {
  protected child: ChildProcess;
  isStopped = false;
  isReady = false;
  ready = Promise.withResolvers<void>();
  protected readonly onAnswer: (answer: Answer) => void;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #isOver = false;
  /** Rejects if it ends without being killed. */
  readonly ended = Promise.withResolvers<never>();
  /** What it said on its standard error, of all its lives. */
  talk = '';

  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    onAnswer: (answer: Answer) => void = () => undefined,
  ) {
    this.#args = args;
    this.#env = env;
    this.onAnswer = onAnswer;
    this.child = this.start();
    this.ended.promise.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  protected start(env: Readonly<Record<string, string>> = {}): ChildProcess {
    this.ready = Promise.withResolvers<void>();
    const child = spawn(process.execPath, ['--no-warnings', ...this.#args], {
      env: { ...process.env, ...this.#env, ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.talk += text;
    });
    child.on('message', (told: Answer & { readonly kind?: string }) => {
      if (told.kind === 'ready') {
        this.isReady = true;
        this.ready.resolve();
      } else this.onAnswer(told);
    });
    child.on('exit', (code) => {
      if (code !== null && !this.#isOver) this.ended.reject(new Error(`a process ended by itself: ${this.talk}`));
    });
    // A message to a process that has just been killed.
    child.on('error', () => undefined);
    return child;
  }

  send(message: Message): void {
    if (this.isAlive && this.child.connected) this.child.send(message as object, () => undefined);
  }

  async kill(): Promise<void> {
    const exit = this.isAlive ? once(this.child, 'exit') : undefined;
    this.child.kill('SIGKILL');
    await exit;
    this.isReady = false;
    this.isStopped = false;
  }

  restart(env: Readonly<Record<string, string>> = {}): void {
    if (!this.#isOver) this.child = this.start(env);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.kill();
  }
}

/** A worker with a clock of its own, which is off by an hour at times. */
export class WorkerProcess extends Restarted<Order | Fault, Told> {
  #pings = 0;
  readonly #pongs = new Map<number, () => void>();
  isShifted = false;
  /** Of all its lives. */
  beats = 0;

  constructor(path: string, url: string, leaseMs: number, onError: (told: Told) => void) {
    super(
      ['--import', pathOf('preload.ts'), pathOf('worker-main.ts'), path, url],
      { KILL_LOOP_LEASE: String(leaseMs) },
      (told) => {
        if (told.kind === 'beat') this.beats += 1;
        else if (told.kind === 'pong') this.#pongs.get(told.number)?.();
        else onError(told);
      },
    );
  }

  jump(ms: number): void {
    this.isShifted = ms !== 0;
    this.send({ kind: 'jump', ms });
  }

  override restart(env: Readonly<Record<string, string>> = {}): void {
    this.isShifted = env.KILL_LOOP_OFFSET !== undefined;
    super.restart(env);
  }

  /** Whether it died, inside a transaction, within the time. */
  async dieInTransaction(after: number, withinMs: number): Promise<boolean> {
    this.send({ kind: 'die', after });
    for (let waited = 0; this.isAlive && waited < withinMs; waited += 20) await pause(20);
    return !this.isAlive;
  }

  /** It does nothing for that long, and then continues as if nothing had happened. */
  async stopFor(ms: number): Promise<void> {
    const { child } = this;
    this.isStopped = true;
    child.kill('SIGSTOP');
    await pause(ms);
    if (child !== this.child || !this.isAlive) return;
    child.kill('SIGCONT');
    // What it was about to send when it was stopped is sent by now.
    await this.#ping();
    await pause(200);
    if (child === this.child) this.isStopped = false;
  }

  async #ping(): Promise<void> {
    const number = this.#pings;
    this.#pings += 1;
    const pong = new Promise<void>((resolve) => this.#pongs.set(number, resolve));
    this.send({ kind: 'ping', number });
    await Promise.race([pong, ...(this.isAlive ? [once(this.child, 'exit')] : [])]);
  }
}

export class ReaderProcess extends Restarted<Follow, { readonly read: string }> {
  readonly order: 'arrival' | 'canonical';
  readonly folder: string;
  readonly #followed = new Map<string, Follow>();

  constructor(path: string, order: 'arrival' | 'canonical') {
    const folder = join(path, '..', order);
    mkdirSync(folder);
    super([pathOf('reader-main.ts'), path, folder, order], {}, ({ read }) => this.#followed.delete(read));
    this.order = order;
    this.folder = folder;
  }

  /** Runs that it has not read to their end. */
  get left(): readonly string[] {
    return [...this.#followed.keys()];
  }

  follow(follow: Follow): void {
    this.#followed.set(follow.runId, follow);
    this.send(follow);
  }

  override restart(): void {
    super.restart();
    for (const follow of this.#followed.values()) this.send(follow);
  }
}
