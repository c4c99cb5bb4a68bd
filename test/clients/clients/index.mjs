import { fetches } from './fetches.mjs';
import { models } from './models.mjs';
import { nodes } from './nodes.mjs';
import { services } from './services.mjs';
import { wrappers } from './wrappers.mjs';

export const clients = [...fetches, ...nodes, ...wrappers, ...models, ...services];
