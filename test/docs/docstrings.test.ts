// Every example in a docstring of the product is run as a user would, against the built package, and prints what its
// comments say.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

interface Example {
  readonly place: string;
  readonly code: string;
  /** What `// …` behind a `console.log` promises. */
  readonly prints: readonly string[];
}

const examples: readonly Example[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .flatMap((file) => examplesOf(`src/${file}`));

function examplesOf(file: string): readonly Example[] {
  const blocks = [...readFileSync(file, 'utf8').matchAll(/^ \* ```ts\n([\s\S]*?)^ \* ```$/gm)];
  return blocks.map(([, block = ''], index) => {
    const code = block.replaceAll(/^ \* ?/gm, '');
    return {
      place: `${file} ${index + 1}`,
      code,
      prints: [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, text]) => text as string),
    };
  });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-docstrings-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/reprise'));
  for (const peer of ['@opentelemetry', 'prom-client'])
    symlinkSync(resolve('node_modules', peer), join(folder, 'node_modules', peer));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('there are examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(4);
});

it.each(examples)('$place', ({ code, prints }) => {
  const path = join(folder, 'example.ts');
  writeFileSync(path, code);
  const printed = execFileSync(process.execPath, ['--no-warnings', path], { encoding: 'utf8', timeout: 30_000 });
  expect(prints.length).toBeGreaterThan(0);
  expect(printed.trimEnd().split('\n')).toEqual(prints);
});
