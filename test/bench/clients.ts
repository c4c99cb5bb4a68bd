// What recording costs each client of the matrix: `npm run bench:clients [-- words of names of clients]`. Prints for each the
// processor time of an exchange, and the milliseconds until the first byte of a request reaches the server, until the first
// byte of a stream reaches the client, and until the server sees a cancel. Three processes ask in turns: two are bare and one
// records. So what two processes that do the same differ by stands beside what recording makes of it.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Client } from '../clients/client.ts';
import type { Measure, Measured } from './clients-asker.ts';
import type { Seen } from './clients-server.ts';

const rounds = Number(process.env.REPRISE_BENCH_ROUNDS ?? 24);
const warmUps = 30;
const unmeasured = 8;
/** A client that takes longer for one measurement waits for what never comes. */
const patienceMs = 10_000;

type Figure = (asker: ChildProcess) => Promise<number>;

const figures = ['µs of CPU an exchange', 'ms until the first byte up', 'down', 'until a cancel is seen'] as const;

/** Undefined where the client cannot do it. */
type Compared = Record<(typeof figures)[number], Difference | undefined>;
interface Difference {
  readonly bare: number;
  readonly more: number;
  readonly noise: number;
  /** How far both may be from what was measured: 95 of 100 times they are no further. */
  readonly within: number;
}

class ClientBench {
  readonly #server: ChildProcess;
  readonly #url: string;
  readonly #askers: readonly ChildProcess[];
  readonly #client: Client;
  #measurement = 0;

  private constructor(client: Client, server: ChildProcess, url: string, askers: readonly ChildProcess[]) {
    this.#client = client;
    this.#server = server;
    this.#url = url;
    this.#askers = askers;
  }

  static async open(client: Client): Promise<ClientBench> {
    const server = started('./clients-server.ts', JSON.stringify(client.content));
    const [port] = (await once(server, 'message')) as [number];
    const askers = ['bare', 'recorded', 'bare'].map((kind) => started('./clients-asker.ts', client.name, kind));
    await Promise.all(askers.map((asker) => once(asker, 'message')));
    return new ClientBench(client, server, `http://127.0.0.1:${port}`, askers);
  }

  close(): void {
    for (const child of [this.#server, ...this.#askers]) child.disconnect();
  }

  async compared(): Promise<Compared> {
    for (let round = 0; round < warmUps; round += 1)
      for (const asker of this.#askers) await this.#measured(asker, 'cpu');
    const canStream = this.#client.lacks?.['stream down'] === undefined;
    const canStop = canStream && this.#client.lacks?.signal === undefined;
    return {
      'µs of CPU an exchange': await this.#differences((asker) => this.#measured(asker, 'cpu')),
      'ms until the first byte up': await this.#differences((asker) => this.#up(asker)),
      down: canStream ? await this.#differences((asker) => this.#down(asker)) : undefined,
      'until a cancel is seen': canStop ? await this.#differences((asker) => this.#gone(asker)) : undefined,
    };
  }

  async #differences(figure: Figure): Promise<Difference> {
    const values: readonly number[][] = [[], [], []];
    for (let round = -unmeasured; round < rounds; round += 1)
      // None of them is always the one that follows a pause.
      for (let turn = 0; turn < 3; turn += 1) {
        const index = (round + unmeasured + turn) % 3;
        const value = await figure(this.#askers[index] as ChildProcess);
        if (round >= 0) values[index]?.push(value);
      }
    const [bare, recorded, again] = values.map(usual) as [number, number, number];
    return { bare, more: recorded - bare, noise: again - bare, within: Math.hypot(...values.map(uncertainty)) };
  }

  async #measured(asker: ChildProcess, measure: Measure): Promise<number> {
    const answer = once(asker, 'message') as Promise<[{ readonly value?: number; readonly error?: string }]>;
    asker.send({ measure, url: this.#url } satisfies Measured);
    const [{ value, error }] = await soon(answer, `${measure} took too long`);
    if (error !== undefined) throw new Error(error);
    return value ?? Number.NaN;
  }

  async #up(asker: ChildProcess): Promise<number> {
    const seen = await this.#begin('up');
    const asked = await this.#measured(asker, 'up');
    return (await seen.up) - asked;
  }

  async #down(asker: ChildProcess): Promise<number> {
    const seen = await this.#begin('down', 'gone');
    const got = await this.#measured(asker, 'first part');
    await seen.gone;
    return got - (await seen.down);
  }

  async #gone(asker: ChildProcess): Promise<number> {
    const seen = await this.#begin('gone');
    const stopped = await this.#measured(asker, 'first part');
    return (await seen.gone) - stopped;
  }

  /** Waits until the server knows that another measurement begins. What it tells of an earlier one may come later. */
  async #begin<What extends Seen['what']>(...wanted: readonly What[]): Promise<Record<What, Promise<number>>> {
    this.#measurement += 1;
    const seen = wanted.map((what) => [what, this.#seen(what, this.#measurement)] as const);
    const ready = new Promise<void>((resolve) => {
      const hear = (message: unknown): void => {
        if (message !== 'ready') return;
        this.#server.off('message', hear);
        resolve();
      };
      this.#server.on('message', hear);
    });
    this.#server.send(this.#measurement);
    await ready;
    return Object.fromEntries(seen) as Record<What, Promise<number>>;
  }

  #seen(what: Seen['what'], during: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const take = (seen: Seen): void => {
      if (seen.what !== what || seen.during !== during) return;
      this.#server.off('message', take);
      resolve(seen.at);
    };
    this.#server.on('message', take);
    return soon(promise, `the server never said ${what}`);
  }
}

async function soon<Result>(result: Promise<Result>, otherwise: string): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(otherwise)), patienceMs);
  return Promise.race([result, promise]).finally(() => clearTimeout(timer));
}

function started(file: string, ...given: readonly string[]): ChildProcess {
  return fork(new URL(file, import.meta.url), given, { execArgv: ['--no-warnings'] });
}

/** The lower quartile: what it takes where little else comes between. */
function usual(values: readonly number[]): number {
  return at(values, 0.25);
}

function median(values: readonly number[]): number {
  return at(values, 0.5);
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round((sorted.length - 1) * share)))] as number;
}

/** Half of the range in which it lies 95 of 100 times, found by ranks: times have no common distribution. */
function uncertainty(values: readonly number[]): number {
  const away = 0.85 / Math.sqrt(values.length);
  return (at(values, 0.25 + away) - at(values, 0.25 - away)) / 2;
}

function isNoise({ more, noise, within }: Difference): boolean {
  return more <= Math.max(0, noise) + within;
}

function cell(difference: Difference | undefined): string {
  if (difference === undefined) return '';
  const { bare, more, noise, within } = difference;
  const digits = bare < 20 ? 2 : 0;
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  const mark = isNoise(difference) ? '' : ' !';
  return `${bare.toFixed(digits)} ${signed(more)} (${signed(noise)} ± ${within.toFixed(digits)})${mark}`;
}

const { clients } = (await import('../clients/clients/index.mjs' as string)) as { readonly clients: readonly Client[] };
const words = process.argv.slice(2);
const chosen = clients.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const all: Compared[] = [];
console.log('Bare, what recording adds to it, and in brackets what a second bare process adds, both give or take.');
console.log(`!: more than these differ by.\n\n| client | ${figures.join(' | ')} |`);
console.log(`| --- |${' --- |'.repeat(figures.length)}`);
for (const client of chosen) {
  const bench = await ClientBench.open(client);
  try {
    const compared = await bench.compared();
    all.push(compared);
    console.log(`| ${client.name} | ${figures.map((figure) => cell(compared[figure])).join(' | ')} |`);
  } catch (error) {
    console.log(`| ${client.name} | ${String(error)} |`);
    process.exitCode = 1;
  }
  bench.close();
}
for (const figure of figures) {
  const known = all.flatMap((compared) => compared[figure] ?? []);
  if (known.length === 0) continue;
  const more = median(known.map((difference) => difference.more));
  const noise = median(known.map((difference) => difference.noise));
  const digits = figure === figures[0] ? 0 : 3;
  console.log(
    `${figure}: ${more.toFixed(digits)} more in the median of ${known.length} clients (a second bare process ${noise.toFixed(digits)}); ${known.filter(isNoise).length} of them within noise`,
  );
}
