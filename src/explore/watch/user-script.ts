// Which scripts of a process are the user's: not Node's, not a package's, and not Reprise's own.

/** The folder that Reprise itself was loaded from. */
const ownFolder = /^(.*\/)(?:src\/explore\/watch\/|(?:dist\/)[^/]*$|dist\/cli\/)/.exec(import.meta.url);
const ownFolders = ownFolder === null ? [] : [`${ownFolder[1]}src/`, `${ownFolder[1]}dist/`];

/** Code without an address was made by `eval` or `Function`, which packages do as well; it counts as the user's. */
export function isUserScript(url: string): boolean {
  if (url === '') return true;
  if (url.startsWith('node:') || url.includes('/node_modules/')) return false;
  const address = url.startsWith('/') ? `file://${url}` : url;
  return !ownFolders.some((folder) => address.startsWith(folder));
}
