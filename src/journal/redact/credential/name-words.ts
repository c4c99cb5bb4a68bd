// The words of a name, however it is written: `githubToken`, `GITHUB_TOKEN`, `x-github-token`, `user[password]`.

/** `token2` is the second of its kind. */
const numbered = /\d+$/;

export function wordsOf(name: string): readonly string[] {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .map((word) => (/^\d/.test(word) ? word : word.replace(numbered, '')));
  return words.filter((word) => word !== '' && !/^\d+$/.test(word));
}
