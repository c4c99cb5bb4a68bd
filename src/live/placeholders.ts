// Clients of model providers refuse to be made without a key. A replay needs none, so for as long as it takes, a
// placeholder stands in the environment wherever no key is set.
const known: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: 'replay',
  ANTHROPIC_API_KEY: 'replay',
  GOOGLE_API_KEY: 'replay',
  GEMINI_API_KEY: 'replay',
  GROQ_API_KEY: 'replay',
  MISTRAL_API_KEY: 'replay',
};

/** How many replays have use of a placeholder that was set here, by its name. */
const uses = new Map<string, number>();

/**
 * Sets placeholders for the keys that well-known clients demand, and for `more`, where none is set; gives back the
 * function that takes them away again. A replay does so itself while it runs. Call it before where clients are made as
 * their module is imported.
 */
export function installPlaceholders(more: Readonly<Record<string, string>> = {}): () => void {
  const names: string[] = [];
  for (const [name, value] of Object.entries({ ...known, ...more })) {
    if (process.env[name] !== undefined && !uses.has(name)) continue;
    process.env[name] ??= value;
    uses.set(name, (uses.get(name) ?? 0) + 1);
    names.push(name);
  }
  let isTaken = false;
  return () => {
    if (isTaken) return;
    isTaken = true;
    for (const name of names) giveUp(name);
  };
}

function giveUp(name: string): void {
  const left = (uses.get(name) ?? 0) - 1;
  if (left > 0) {
    uses.set(name, left);
    return;
  }
  uses.delete(name);
  delete process.env[name];
}
