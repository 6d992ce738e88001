import { parentPort, workerData } from 'node:worker_threads'
import { ensureError } from '../../model/errors.ts'
import { openSqliteFile } from './sqlite-file.ts'
import type { TextEntry } from './text-storage.ts'

/**
 * The thread that has the SQLite file of last-known-good open, for `sqlite-storage.ts`: so that neither a look nor a write
 * holds up the gateway's own event loop. It ends once it is asked to close.
 */
export interface ThreadData {
  readonly path: string
  readonly maxBytes: number
}

export type Asked =
  | { readonly kind: 'find'; readonly keys: readonly string[] }
  | { readonly kind: 'keep'; readonly entries: readonly TextEntry[] }
  | { readonly kind: 'close' }

export type ThreadReply =
  /** Once the file is open; before that comes what was damaged. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'damaged'; readonly movedTo: string; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string }

const port = parentPort
if (port === null) throw new TypeError('this file runs as a thread')
const reply = (message: ThreadReply) => port.postMessage(message)

const { path, maxBytes } = workerData as ThreadData
const file = openSqliteFile({
  path,
  maxBytes,
  onDamaged: (movedTo, reason) => reply({ kind: 'damaged', movedTo, reason }),
})

port.on('message', ({ id, ...asked }: Asked & { readonly id: number }) => {
  try {
    reply({ kind: 'answer', id, answer: answerTo(asked) })
  } catch (thrown) {
    reply({ kind: 'failure', id, reason: ensureError(thrown).message })
  }
})
reply({ kind: 'ready' })

function answerTo(asked: Asked): unknown {
  switch (asked.kind) {
    case 'find':
      return file.getMany(asked.keys)
    case 'keep':
      // Times in the file are those of the machine: they only make room.
      return file.setMany(asked.entries, Date.now())
    case 'close':
      file.close()
      port?.close()
      return null
    default:
      return asked satisfies never
  }
}
