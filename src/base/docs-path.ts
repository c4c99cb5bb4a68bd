// Where a page of the documentation is in this installation, as a path that the reader of a message can open.

/** Where this code is part of a bundle, the package is looked for where an installation would put it. */
const packageFolder = folderOf(import.meta.url as string | undefined) ?? 'node_modules/reprise/';

function folderOf(url: string | undefined): string | undefined {
  const [, folder] =
    /^(file:\/\/.*\/)(?:src\/base|dist)\/(?:docs-path|error)[^/]*$/.exec(url?.split('?')[0] ?? '') ?? [];
  if (folder === undefined) return undefined;
  const path = decodeURIComponent(new URL(folder).pathname);
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}

/** `page` is a path in the package, such as `docs/reference/errors/usage.md`. Relative to the working folder if it is in it. */
export function docsPath(page: string): string {
  const here = `${process.cwd().replaceAll('\\', '/')}/`;
  const path = `${packageFolder}${page}`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}
