/** The time now, RFC 3339, for lines of which many are written in a millisecond: the text of a time is dear. */
export function createInstantText(now: () => number = Date.now): () => string {
  let knownMs = Number.NaN
  let text = ''
  return () => {
    const nowMs = now()
    if (nowMs !== knownMs) {
      knownMs = nowMs
      text = new Date(nowMs).toISOString()
    }
    return text
  }
}
