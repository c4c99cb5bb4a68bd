// Clients of model providers cannot be constructed without an API key. A replay needs none, so while it runs, the
// environment holds a placeholder for each key that is not set.
//   P1. An empty key counts as unset: that is what a secret that a CI job may not read looks like.

/** What well-known clients look for and demand, or would otherwise ask a metadata service for. */
const known = [
  'OPENAI_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'AZURE_API_KEY',
  'ANTHROPIC_API_KEY',
  'GOOGLE_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'GROQ_API_KEY',
  'MISTRAL_API_KEY',
  'CO_API_KEY',
  'COHERE_API_KEY',
  'DEEPSEEK_API_KEY',
  'XAI_API_KEY',
  'PERPLEXITY_API_KEY',
  'TOGETHER_API_KEY',
  'TOGETHER_AI_API_KEY',
  'FIREWORKS_API_KEY',
  'CEREBRAS_API_KEY',
  'OPENROUTER_API_KEY',
  'AI_GATEWAY_API_KEY',
  'REPLICATE_API_TOKEN',
  'HF_TOKEN',
  'VOYAGE_API_KEY',
  'PINECONE_API_KEY',
  'TAVILY_API_KEY',
  'EXA_API_KEY',
  'SERPAPI_API_KEY',
  'FIRECRAWL_API_KEY',
  'ELEVENLABS_API_KEY',
  'DEEPGRAM_API_KEY',
  'RESEND_API_KEY',
] as const;
const placeholder = 'replay';

interface Use {
  count: number;
  /** What stood there before. */
  readonly before: string | undefined;
}

/** How many replays use each placeholder that was set here, by name. */
const uses = new Map<string, Use>();

/**
 * Sets a placeholder for each API key that well-known clients demand, and for those in `more`, unless it is set already.
 * The returned function removes them.
 *
 * A replay does this itself while it runs. Call it earlier if a module constructs its client when it is imported.
 */
export function installPlaceholders(more: Readonly<Record<string, string>> = {}): () => void {
  const names: string[] = [];
  const wellKnown = Object.fromEntries(known.map((name) => [name, placeholder]));
  for (const [name, value] of Object.entries({ ...wellKnown, ...more })) {
    const use = uses.get(name);
    const before = process.env[name];
    if (use !== undefined) use.count += 1;
    else if (before === undefined || before.trim() === '') {
      uses.set(name, { count: 1, before });
      process.env[name] = value;
    } else continue;
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
  const use = uses.get(name);
  if (use === undefined) return;
  use.count -= 1;
  if (use.count > 0) return;
  uses.delete(name);
  if (use.before === undefined) delete process.env[name];
  else process.env[name] = use.before;
}
