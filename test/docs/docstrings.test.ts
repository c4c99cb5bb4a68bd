// Every example in a docstring of the product is run as a user would, against the built package, and prints what its
// comments say.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { sharedFolder } from '../support/folder.ts';
import { makeUserProject } from '../support/user-project.ts';

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

const folder = sharedFolder();
beforeAll(() => makeUserProject(folder, ['@electric-sql', '@opentelemetry', 'fast-check', 'msw', 'prom-client']));

it('there are examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(4);
});

it.each(examples)('$place', ({ code, prints }) => {
  const path = join(folder, 'example.ts');
  writeFileSync(path, code);
  const printed = execFileSync(process.execPath, ['--no-warnings', path], { encoding: 'utf8', timeout: 120_000 });
  expect(prints.length).toBeGreaterThan(0);
  expect(printed.trimEnd().split('\n')).toEqual(prints);
});
