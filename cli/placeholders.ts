// Clients of model providers refuse to be made without a key. A replay needs none, so it sets one where none is set.
const known: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: 'replay',
  ANTHROPIC_API_KEY: 'replay',
  GOOGLE_API_KEY: 'replay',
  GEMINI_API_KEY: 'replay',
  GROQ_API_KEY: 'replay',
  MISTRAL_API_KEY: 'replay',
};

export function setPlaceholders(more: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries({ ...known, ...more })) process.env[name] ??= value;
}
