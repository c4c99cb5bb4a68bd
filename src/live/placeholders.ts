// Clients of model providers cannot be constructed without an API key. A replay needs none, so while it runs, the
// environment holds a placeholder for each key that is not set.
const known: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: 'replay',
  ANTHROPIC_API_KEY: 'replay',
  GOOGLE_API_KEY: 'replay',
  GEMINI_API_KEY: 'replay',
  GROQ_API_KEY: 'replay',
  MISTRAL_API_KEY: 'replay',
};

/** How many replays use each placeholder that was set here, by name. */
const uses = new Map<string, number>();

/**
 * Sets a placeholder for each API key that well-known clients demand, and for those in `more`, unless it is set already.
 * The returned function removes them.
 *
 * A replay does this itself while it runs. Call it earlier if a module constructs its client when it is imported.
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
