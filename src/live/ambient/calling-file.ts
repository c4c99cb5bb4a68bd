// Which file calls a function. Only one frame is made, and its text is not: of a stack that would cost most.
interface CallSite {
  getFileName(): string | null | undefined;
}

const ofFirst = (_error: Error, [first]: readonly CallSite[]): string => first?.getFileName() ?? '';

/** The file whose code has called this function, which is on the stack; undefined for code that is in no file. */
export function fileThatCalls(called: (...given: never[]) => unknown): string | undefined {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const holder: { readonly stack?: string } = {};
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = ofFirst as unknown as typeof prepareStackTrace;
    Error.captureStackTrace(holder, called);
    return holder.stack === '' ? undefined : holder.stack;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}
