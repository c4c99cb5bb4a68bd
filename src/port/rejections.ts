/** Catches promises that were rejected inside an attempt while nobody awaited them, and tells that attempt. */
export interface Rejections {
  /** Starts watching. The returned function stops it. */
  watch(): () => void;
}
