import { limiter } from './limiter.ts';

const limit = limiter(1);

export const limited = (work: () => Promise<void>): Promise<void> => limit(work);
