import { ensureError } from '../model/errors.ts'

/** What a failure of the shared store says. Called by its connection. */

/** An answer of the server that refuses the command, and so came in time. */
export function isReplyError(thrown: unknown): boolean {
  return ensureError(thrown).name === 'ReplyError'
}

/** It takes nothing more, and still gives what it holds. */
export function serverIsFull(thrown: unknown): boolean {
  return isReplyError(thrown) && /^(OOM|MISCONF)\b/.test(ensureError(thrown).message)
}

/** It is not the one to speak to, or no longer: a new connection may lead to another. */
export function serverIsWrong(thrown: unknown): boolean {
  return (
    isReplyError(thrown) &&
    /^(READONLY|LOADING|MASTERDOWN|NOAUTH|MOVED|CLUSTERDOWN)\b/.test(ensureError(thrown).message)
  )
}

/** In one line without what the command held, which a server may repeat behind its complaint. */
export function wordFailure(thrown: unknown): string {
  const error = ensureError(thrown)
  if (error.name === 'MaxRetriesPerRequestError' || error.name === 'AbortError') return 'the connection closed'
  const [first = error] = error instanceof AggregateError ? error.errors.map(ensureError) : [error]
  return first.message.split(/[\r\n]|, with args/, 1)[0]?.slice(0, 200) ?? ''
}
