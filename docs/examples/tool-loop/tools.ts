// The model's tools: they query a warehouse.
import type { Tool } from 'openai/resources/responses/responses';

interface Given {
  readonly sku: string;
}

const warehouse: Readonly<Record<string, { readonly available: number; readonly requested: number }>> = {
  sku_123: { available: 42, requested: 31 },
};

const implementations = {
  getInventory: ({ sku }: Given) => ({ sku, availableUnits: warehouse[sku]?.available ?? 0 }),
  getDemand: ({ sku }: Given) => ({ sku, requestedUnits: warehouse[sku]?.requested ?? 0 }),
};

/** Calls a tool with the model's JSON arguments. */
export function callTool(name: string, given: string) {
  if (!Object.hasOwn(implementations, name)) throw new Error(`the model calls "${name}", which is not a tool`);
  return implementations[name as keyof typeof implementations](JSON.parse(given) as Given);
}

const parameters = {
  type: 'object',
  properties: { sku: { type: 'string' } },
  required: ['sku'],
  additionalProperties: false,
};

function tool(name: keyof typeof implementations, description: string): Tool {
  return { type: 'function', name, description, parameters, strict: true, allowed_callers: ['programmatic'] };
}

export const tools: Tool[] = [
  { type: 'programmatic_tool_calling' },
  tool('getInventory', 'Get available inventory for a SKU.'),
  tool('getDemand', 'Get requested units for a SKU.'),
];
