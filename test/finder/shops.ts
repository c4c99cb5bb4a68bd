/** Two shops that make the same offer, and who was paid. */
export interface Shops {
  readonly paid: Set<string>;
  readonly effects: Record<string, (request: never) => string>;
}

export function shops(): Shops {
  const paid = new Set<string>();
  const offer = (): string => '5 euros';
  return {
    paid,
    effects: { near: offer, far: offer, pay: ({ shop }: { shop: string }) => String(paid.add(shop).size) },
  };
}
