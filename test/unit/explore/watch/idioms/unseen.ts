// Ways to keep something that no watch sees, and that it has to name.
import { createHash } from 'node:crypto';

const hash = createHash('sha256');

export const unseen: readonly (() => unknown)[] = [() => hash.update('more'), () => import('./library.ts')];
