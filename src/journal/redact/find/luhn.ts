// The check digit of card numbers.

/** The digits of a card number of a known kind and length whose check digit is right. */
export function checkedCard(text: string): string | undefined {
  const digits = text.replace(/\D/g, '');
  return lengthsOf(digits).includes(digits.length) && luhnSum(digits) % 10 === 0 ? digits : undefined;
}

function lengthsOf(digits: string): readonly number[] {
  if (/^4/.test(digits)) return [13, 16, 19];
  if (/^3[47]/.test(digits)) return [15];
  if (/^(?:5[1-5]|2[2-7]|35|6011|64[4-9]|65)/.test(digits)) return [16];
  if (/^62/.test(digits)) return [16, 17, 18, 19];
  return /^3(?:0[0-5]|[68])/.test(digits) ? [14] : [];
}

export function luhnSum(digits: string): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum;
}

/** The digits with the check digit that makes them right. */
export function withCheckDigit(digits: string): string {
  return `${digits}${(10 - (luhnSum(`${digits}0`) % 10)) % 10}`;
}
