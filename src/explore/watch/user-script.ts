// Which scripts of a process are the user's: not Node's, not a package's, and not Reprise's own.
import { liveSourcePaths } from '../../live/source-paths.ts';

/** Code without an address was made by `eval` or `Function`. */
export function isUserScript(url: string): boolean {
  if (url === '') return true;
  return !url.startsWith('node:') && !url.includes('/node_modules/') && !liveSourcePaths.isOwn(url);
}
