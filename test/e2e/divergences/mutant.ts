// Examples with a change in their source, or in their fixture.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { AnyGraph } from '../../../src/index.ts';
import { sealFixture } from '../../../src/update/index.ts';

export interface Example {
  readonly folder: string;
  readonly graph: string;
  readonly fixture: string;
}

export const examples = {
  desk: example('research-desk', 'researchDesk', 'research-desk-1'),
  panel: example('panel', 'panel', 'panel-1'),
  tools: example('tool-loop', 'toolLoop', 'tool-loop-1'),
  web: example('web-answer', 'webAnswer', 'web-answer-1'),
  refund: example('approval', 'approval', 'refund-1'),
} as const;

export type ExampleName = keyof typeof examples;

function example(folder: string, graph: string, run: string): Example {
  return { folder: `docs/examples/${folder}`, graph, fixture: `fixtures/${folder}/${run}.run.jsonl` };
}

/** A file of the example (none for its fixture), a text of it, and what is there instead. */
export type Change = readonly [file: string, text: string, instead: string];

/** Below this folder, since the modules of an example import packages. */
let folder: string | undefined;
afterAll(() => folder !== undefined && rmSync(folder, { recursive: true }));

function newFolder(): string {
  folder ??= mkdtempSync(join(import.meta.dirname, '.mutants-'));
  return mkdtempSync(join(folder, 'm'));
}

/** The graph of an example with changes in its source, from modules that nothing else imports. */
export async function mutantGraph(name: ExampleName, changes: readonly Change[]): Promise<AnyGraph> {
  const { folder: source, graph } = examples[name];
  const copy = newFolder();
  cpSync(source, copy, { recursive: true });
  for (const [file, text, instead] of changes) changeFile(join(copy, file), text, instead);
  const module = (await import(/* @vite-ignore */ join(copy, 'graph.ts'))) as Readonly<Record<string, AnyGraph>>;
  return module[graph] as AnyGraph;
}

/** A copy of the fixture of an example, edited and sealed. */
export async function mutantFixture(name: ExampleName, changes: readonly Change[]): Promise<string> {
  const path = join(newFolder(), 'a.run.jsonl');
  cpSync(examples[name].fixture, path);
  for (const [, text, instead] of changes) changeFile(path, text, instead);
  if (changes.length > 0) await sealFixture(path);
  return path;
}

/** The first place of the text. */
function changeFile(path: string, text: string, instead: string): void {
  const before = readFileSync(path, 'utf8');
  if (!before.includes(text)) throw new Error(`${path} has no ${text}`);
  writeFileSync(
    path,
    before.replace(text, () => instead),
  );
}
