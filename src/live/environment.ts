/** The variables of this process's environment, which a watch reads like any other variable. */
export const liveEnvironment: Readonly<Record<string, string | undefined>> = process.env;
