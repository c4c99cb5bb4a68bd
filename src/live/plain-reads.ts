// The clock and the randomness of the platform, as code finds them that uses no context: in a run they are kept anyway.
import nodeCrypto from 'node:crypto';

export const plainReads = {
  now: (): number => Date.now(),
  random: (): number => Math.random(),
  uuid: (): string => nodeCrypto.randomUUID(),
};
