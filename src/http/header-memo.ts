/**
 * Remembers what was read out of the values of one header, because most clients always send the same. Bounded in number
 * and in length, whatever is sent: a memo that is full is emptied. Made once a server for each reading; `read` is pure.
 */
export function createHeaderMemo<T>(read: (value: string) => T): (value: string) => T {
  const known = new Map<string, { readonly reading: T }>()
  return value => {
    const found = known.get(value)
    if (found !== undefined) return found.reading
    const reading = read(value)
    if (value.length <= MAX_LENGTH) {
      if (known.size >= MAX_VALUES) known.clear()
      known.set(value, { reading })
    }
    return reading
  }
}

const MAX_VALUES = 256
const MAX_LENGTH = 512
