import { generateKeyPairSync } from 'node:crypto';
import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a request with an id that no journal keeps, and that is another one in each process',
  rung: 'self-check',
  depth: 0,
  outside: () => ({ effects: { charge: () => 'charged' } }),
  make: () =>
    oneNode(async ({ effect }) => {
      const { publicKey } = generateKeyPairSync('ed25519');
      const id = publicKey.export({ type: 'spki', format: 'der' }).toString('hex');
      return effect('charge', { id }, async () => 'charged');
    }),
};
