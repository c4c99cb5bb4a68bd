// Stands in for a payment service. If REFUND_LOG names a file, each call appends a line to it, so that a test can count
// what really happened.
import { appendFileSync } from 'node:fs';

function logged(line: string): void {
  const path = process.env.REFUND_LOG;
  if (path !== undefined) appendFileSync(path, `${line}\n`);
}

export function draftRefund({ order }: { readonly order: string }): { readonly amount: number } {
  logged(`draft ${order}`);
  return { amount: 40 + order.length };
}

export function payOut(
  { order, amount }: { readonly order: string; readonly amount: number },
  { idempotencyKey }: { readonly idempotencyKey: string },
): { readonly receipt: string } {
  logged(`pay ${order} ${amount} ${idempotencyKey}`);
  return { receipt: `R-${order}-${amount}` };
}
