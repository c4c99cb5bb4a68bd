/** How the stacks of a journal name the files of the project. */
export interface SourcePaths {
  /** A short name for a file, given by an absolute path or a URL: never an absolute path. */
  nameOf(file: string): string;
  /** Whether it is a file of Reprise itself. */
  isOwn(file: string): boolean;
}

/** The files that a frame names, each up to the colon before its line number. */
const files = /(?<=^at |[\s(])(?:file:\/\/|\/|[A-Za-z]:[\\/]|\\\\)[^\n]*?(?=:\d+(?::\d+)?(?:[),]|$))/g;

/** The first file that a frame of a stack names. */
export function fileOf(frame: string): string | undefined {
  return frame.match(files)?.[0];
}

/** A frame of a stack, with the names of its files. */
export function withNames(frame: string, paths: SourcePaths): string {
  return frame.replace(files, (file) => paths.nameOf(file));
}
