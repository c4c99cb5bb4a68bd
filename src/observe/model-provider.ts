// Which provider an origin belongs to, named as in OpenTelemetry's conventions for generative AI.

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

/** Undefined for an alias, this machine, or a gateway: there the shape of the API tells more. */
export function providerOfOrigin(origin: string): string | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { hostname } = new URL(origin);
  return providers.find(([pattern]) => pattern.test(hostname))?.[1];
}
