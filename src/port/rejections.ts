/** Hears of promises that were rejected inside an attempt while nobody awaited them, and tells that attempt. */
export interface Rejections {
  /** The returned function ends it. */
  watch(): () => void;
}
