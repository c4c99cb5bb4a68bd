import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'letters of two tasks go through one TextDecoder, byte by byte',
  rung: 'pairs',
  depth: 1,
  variable: 'decoder',
  make() {
    const decoder = new TextDecoder();
    return fanOut({
      ids: ['ä', 'ö'],
      async work({ id, ask }) {
        let text = '';
        for (const byte of new TextEncoder().encode(id)) {
          await ask(`byte ${byte}`);
          text += decoder.decode(Uint8Array.of(byte), { stream: true });
        }
        return text;
      },
    });
  },
};
