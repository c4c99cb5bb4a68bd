// Where a store on a server keeps what is large, outside of its tables.

/**
 * A place for large parts of runs outside of the database: a folder, a bucket, anything that keeps bytes under a key.
 * Implement it over a client of your own if neither `folderParts` nor `s3Parts` fits, and check it with `partStoreLaws`.
 *
 * Keys are made of letters, digits, `-` and `/`, and are never used again for other bytes. What a call throws counts as a place
 * that cannot be reached: the call is repeated for as long as the store has patience. What will not get better is not repeated: an
 * error of the system such as `EACCES`, and one that has the `status`, `statusCode` or `$metadata.httpStatusCode` of an answer
 * that refuses (300 to 499, other than 408, 409, 425 and 429).
 */
export interface PartStore {
  /** Keeps these bytes. They are durable once it has resolved: an entry may name them from then on. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes under this key; undefined if there are none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Deletes what is under this key. If nothing is, nothing happens. */
  delete(key: string): Promise<void>;
}
