// The page on the plants is what the plants say of themselves. With REPRISE_WRITE_PLANTS=1 it is written again.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Correct, Plant } from '../finder/plant.ts';

const finder = join(import.meta.dirname, '../finder');
const page = join(import.meta.dirname, '../../docs/reference/plants.md');

async function all<Module>(folder: string): Promise<readonly (readonly [string, Module])[]> {
  const byNumber = (left: string, right: string): number =>
    Number.parseInt(left, 10) - Number.parseInt(right, 10) || (left < right ? -1 : 1);
  const names = readdirSync(join(finder, folder)).sort(byNumber);
  return Promise.all(names.map(async (name) => [name, (await import(join(finder, folder, name))) as Module] as const));
}

function row(name: string, { title, rung, depth, variable }: Plant): string {
  const named = variable === undefined ? '' : `\`${variable}\``;
  return `| ${name.replace('.ts', '')} | ${title.replaceAll('|', '\\|')} | ${rung} | ${depth} | ${named} |`;
}

const head = ['| plant | what it is | found by, at the latest | holds | variable |', '| --- | --- | --- | --- | --- |'];

async function text(): Promise<string> {
  const plants = await all<{ readonly plant: Plant }>('plants');
  const known = await all<{ readonly plant: Plant }>('known');
  const correct = await all<{ readonly correct: Correct }>('correct');
  return `# The plants

The explorer is tested by bugs that were planted, each a small graph in a file of its own (\`test/finder/plants\`). A test explores each of them. It has to be found on the rung that is named here or on an earlier one, within 200 schedules, in two where the rung is *pairs*; shrunk in at most 100 runs to at most as many holds as are given; and where a variable carries the order into the result, the finding has to name it. [What is proved, and when](exploring.md) says what the rungs are.

${[...head, ...plants.map(([name, { plant }]) => row(name, plant))].join('\n')}

## Bugs of other engines

Rebuilt from their public reports (\`test/finder/known\`, which names the reports):

${[...head, ...known.map(([name, { plant }]) => row(name, plant))].join('\n')}

## Correct graphs

In these (\`test/finder/correct\`) nothing may be found, under any order and with a death at every write and every request:

${correct
  .map(
    ([
      name,
      {
        correct: { title },
      },
    ]) => `- ${title} (\`${name.replace('.ts', '')}\`)`,
  )
  .join('\n')}
`;
}

it('lists every plant, and what finds it', async () => {
  const written = await text();
  if (process.env.REPRISE_WRITE_PLANTS === '1') writeFileSync(page, written);
  expect(readFileSync(page, 'utf8')).toBe(written);
});
