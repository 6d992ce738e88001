/** What the terminal of an embedded default shows, and what a newcomer does with it over HTTP. */

/** The commands as the terminal shows them, in its order. */
export function commandsIn(terminal: string): readonly string[] {
  return terminal.match(/^ {2}curl [\s\S]*?'$/gm)?.filter(command => command.includes('query=')) ?? []
}

/** The operators' commands as the terminal shows them. */
export function operatorCommandsIn(terminal: string): readonly string[] {
  return terminal.match(/^ {2}npm run -s gateway (?:[^\n]*\\\n)*[^\n]*$/gm) ?? []
}

/** Subscribes to what happens to the systems. */
export async function follow(terminal: string, token: string) {
  const query = 'subscription { restoredSystemChanged { lifecycle } }'
  const response = await fetch(`${urlsIn(terminal).graphql}/stream?query=${encodeURIComponent(query)}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  })
  if (response.body === null || response.status !== 200) throw new Error(`no stream: ${response.status}`)
  const chunks = response.body.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
  return {
    /** Of the next events, so many; then the stream is let go. */
    async lifecycles(count: number): Promise<readonly string[]> {
      let text = ''
      for (;;) {
        const seen = [...text.matchAll(/"lifecycle":"(\w+)"/g)].map(([, lifecycle = '']) => lifecycle)
        if (seen.length >= count) {
          await chunks.return?.()
          return seen
        }
        const { value, done } = await chunks.next()
        if (done) throw new Error(`the stream ended after ${text}`)
        text += value
      }
    },
  }
}

export function urlsIn(terminal: string): { readonly graphql: string; readonly ready: string } {
  const [graphql = ''] = /http\S+\/graphql/.exec(terminal) ?? []
  const [ready = ''] = /http\S+\/health\/ready/.exec(terminal) ?? []
  return { graphql, ready }
}

export function ask(terminal: string, token: string): Promise<Response> {
  const url = `${urlsIn(terminal).graphql}?query=${encodeURIComponent('{ viewer { partner { name } } }')}`
  return fetch(url, { headers: { authorization: `Bearer ${token}` } })
}
