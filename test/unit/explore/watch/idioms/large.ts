const index = new Float32Array(5_000_000);
const bytes = Buffer.alloc(20_000_000, 1);

export function touchLarge(place: number): void {
  index[place] = (index[place] ?? 0) + 1;
  bytes[place] = 2;
}
