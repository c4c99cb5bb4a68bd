/** Does something as a user who may not touch what others own: the superuser's tests would see no difference. */
export async function withoutRights<Result>(work: () => Promise<Result>): Promise<Result> {
  const user = process.geteuid?.();
  if (user !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
