/** The variables of this process's environment, which a watch reads like any other variable. A test runner may exchange them. */
export function liveEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
