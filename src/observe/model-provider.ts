// Which provider an origin belongs to, by the names that OpenTelemetry's conventions for generative AI give them.

const providers: readonly (readonly [RegExp, string])[] = [
  [/\.openai\.azure\.com$/, 'azure.ai.openai'],
  [/\.services\.ai\.azure\.com$/, 'azure.ai.inference'],
  [/(?:^|\.)openai\.com$/, 'openai'],
  [/(?:^|\.)anthropic\.com$/, 'anthropic'],
  [/(?:^|-|\.)aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/(?:^|\.)googleapis\.com$/, 'gcp.gemini'],
  [/(?:^|\.)groq\.com$/, 'groq'],
  [/(?:^|\.)mistral\.ai$/, 'mistral_ai'],
  [/(?:^|\.)deepseek\.com$/, 'deepseek'],
  [/(?:^|\.)x\.ai$/, 'x_ai'],
  [/(?:^|\.)perplexity\.ai$/, 'perplexity'],
  [/(?:^|\.)cohere\.(?:com|ai)$/, 'cohere'],
];

/** Undefined for an origin that is an alias, this machine, or a gateway: then the form of the API says more. */
export function providerOfOrigin(origin: string): string | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { hostname } = new URL(origin);
  return providers.find(([pattern]) => pattern.test(hostname))?.[1];
}
