/** Reads server-sent events (HTML Living Standard §9.2.6) off a body, which, unlike `EventSource`, can be asked for with a token. */
export interface ServerEvent {
  readonly name: string
  readonly data: string
}

export interface EventListeners {
  /** Something arrived, be it a comment. */
  readonly onBytes?: () => void
  /** The server says after how many milliseconds to come back when the stream is lost. */
  readonly onRetry?: (ms: number) => void
}

export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  { onBytes, onRetry }: EventListeners = {},
): AsyncGenerator<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      onBytes?.()
      const blocks = `${rest}${decoder.decode(value, { stream: true })}`.replaceAll('\r\n', '\n').split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const { event, retryMs } = parseBlock(block)
        if (retryMs !== null) onRetry?.(retryMs)
        if (event !== null) yield event
      }
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}

/** No event: a comment, or nothing but the time to wait. */
function parseBlock(block: string): { readonly event: ServerEvent | null; readonly retryMs: number | null } {
  const fields = block.split('\n').map(line => /^([^:]*):? ?(.*)$/.exec(line)?.slice(1) ?? [])
  const valuesOf = (name: string) => fields.flatMap(([field, value = '']) => (field === name ? [value] : []))
  const data = valuesOf('data')
  const name = valuesOf('event').at(-1)
  const retry = valuesOf('retry').findLast(value => /^\d+$/.test(value))
  return {
    event: data.length === 0 && name === undefined ? null : { name: name ?? 'message', data: data.join('\n') },
    retryMs: retry === undefined ? null : Number(retry),
  }
}
