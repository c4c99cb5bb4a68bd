// The code blocks of a page, so that a test can do what the page tells its reader to do.
import { textOf } from '../repo/repository.ts';

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** The file that the block is the text of: its first line says so. */
  readonly file: string | undefined;
}

export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...textOf(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
    file: /^\/\/ (\S+\.(?:[cm]?[jt]s|json))\n/.exec(text)?.[1],
  }));
}
