/** Where packages are looked for from: this code, or the working folder if it is in a bundle that does not know its place. */
export const ownAddress = (import.meta.url as string | undefined) ?? `${process.cwd()}/bundle.js`;
