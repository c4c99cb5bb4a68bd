/** What code can branch on, all the way down. Facts of the machine are not recorded, and so are not looked at. */
export function look(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, errno, syscall, errors } = error as unknown as Record<string, unknown>;
  return {
    class: error.constructor.name,
    isDomException: error instanceof DOMException,
    isTypeError: error instanceof TypeError,
    name: error.name,
    message: error.message,
    code,
    errno,
    syscall,
    ...(Array.isArray(errors) ? { isAggregate: error instanceof AggregateError, errors: errors.map(look) } : {}),
    ...(error.cause === undefined ? {} : { cause: look(error.cause) }),
  };
}
