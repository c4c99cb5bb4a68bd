/** As a package makes it: how many may run, and who waits, stands in its closure. */
export function limiter(width: number): <Done>(work: () => Promise<Done>) => Promise<Done> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
