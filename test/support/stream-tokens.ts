/** Tokens as models give them: of one character and more, some outside of the basic plane. */
const tokens = ['The', ' ', 'naïve', ' cat', ' 🐈', ' sat', '.\n', ' "quoted"', ' 漢字', ' <b>'];

export function tokenAt(place: number): string {
  return `${tokens[place % tokens.length]}${place}`;
}
