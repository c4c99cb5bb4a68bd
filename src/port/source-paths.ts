/** How the stacks of a journal name the files of the project. */
export interface SourcePaths {
  /** A short name for a file, given by an absolute path or a URL: never an absolute path. */
  nameOf(file: string): string;
  /** Whether it is a file of Reprise itself. */
  isOwn(file: string): boolean;
}
