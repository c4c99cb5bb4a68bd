// How the figures are printed: ours, theirs, and what ours has to be.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Target {
  readonly text: string;
  readonly isMet: boolean;
}

const widths = [57, 28, 28] as const;

export function line(name: string, ours: string, theirs: string, target?: Target): void {
  const said = target === undefined ? '' : `  ${target.isMet ? 'met' : 'MISSED'}: ${target.text}`;
  console.log(`${name.padEnd(widths[0])}${ours.padStart(widths[1])}${theirs.padStart(widths[2])}${said}`);
}

export function heading(name: string): void {
  console.log(name);
  line('', 'reprise', 'LangGraph.js');
}

export const grouped = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');

export const notOffered = 'not offered';

/** The median, and in brackets the least and the most. */
export function ranged(rounds: readonly number[], format: (figure: number) => string = grouped): string {
  const sorted = [...rounds].sort((left, right) => left - right);
  const [least, median, most] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map((at) =>
    format(sorted[at] as number),
  );
  return `${median} [${least}-${most}]`;
}

const roundCount = Number(process.env.REPRISE_BENCH_ROUNDS ?? 5);

/** Long enough for both systems to be compiled by the engine of JavaScript. */
const warmUpMs = 1_500;

async function warmUp(run: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  do await run();
  while (performance.now() - begun < warmUpMs);
}

/** How many of `count` a second, in each round. */
export async function perSecond(count: number, run: () => Promise<unknown>): Promise<readonly number[]> {
  await warmUp(run);
  const rates: number[] = [];
  for (let round = 0; round < roundCount; round += 1) {
    const begun = performance.now();
    await run();
    rates.push((count / (performance.now() - begun)) * 1_000);
  }
  return rates;
}

/** What `measure` says in each round. */
export async function eachRound(measure: () => Promise<number>): Promise<readonly number[]> {
  await warmUp(measure);
  const figures: number[] = [];
  for (let round = 0; round < roundCount; round += 1) figures.push(await measure());
  return figures;
}

const folder = mkdtempSync(join(tmpdir(), 'reprise-peers-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let fileCount = 0;

export function newFile(): string {
  fileCount += 1;
  return join(folder, `${fileCount}.db`);
}
