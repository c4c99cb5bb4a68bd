/** What runs this process, where it is not Node: Bun and Deno name a version of Node too. */
export const otherRuntime: string | undefined = nameOf(process.versions);

function nameOf({ bun, deno }: Readonly<Record<string, string | undefined>>): string | undefined {
  if (bun !== undefined) return `Bun ${bun}`;
  return deno === undefined ? undefined : `Deno ${deno}`;
}
