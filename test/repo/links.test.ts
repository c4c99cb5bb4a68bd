// The links of the documents lead to files that are there, and to titles that these have.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root, textFiles, textOf } from './repository.ts';

/** As GitHub names a title. */
function anchorOf(title: string): string {
  const words = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return words
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function faultOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return `${page}: ${link} leads nowhere`;
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  const titles = [...textOf(target).matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchorOf(title as string));
  return titles.includes(anchor) ? undefined : `${page}: ${link} has no such title`;
}

it('lead somewhere', () => {
  const pages = textFiles().filter((path) => path.endsWith('.md') && !path.startsWith('test/'));
  const links = pages.flatMap((page) => {
    const prose = textOf(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
    return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => [page, link as string] as const);
  });
  const own = links.filter(([, link]) => !/^https?:/.test(link));
  expect(own.length).toBeGreaterThan(200);
  expect(own.flatMap(([page, link]) => faultOf(page, link) ?? [])).toEqual([]);
});
