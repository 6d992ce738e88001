import { open, readFile, rename } from 'node:fs/promises'
import { z } from 'zod'
import { ensureError } from '../../model/errors.ts'
import { ConfigError } from '../../model/operator-file.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import type { Log } from '../../observe/log.ts'
import { SUSPENSION_CAUSES } from '../system-state.ts'
import type { KeptClosing, LocalClosing } from './live-state.ts'

/**
 * Keeps what an instance has closed and could not write into the journal yet, so that a stop while the journal is out of
 * reach does not open it again. A small file beside the checkpoints, written whole.
 */
export interface ClosingFile {
  /** What was left by the process before. Throws `ConfigError` for a file that cannot be read: it may say what is closed. */
  read(): Promise<readonly (LocalClosing & { readonly system: SystemKey })[]>
  /** Writes what is kept now, if that is not what is written; never rejects. */
  keep(closings: readonly KeptClosing[]): Promise<void>
}

const closingsSchema = z.array(
  z.strictObject({
    system: z.enum(SYSTEM_KEYS),
    cause: z.enum(SUSPENSION_CAUSES),
    reason: z.string(),
    distrustSince: z.iso.datetime().nullable(),
    seen: z.strictObject({ at: z.iso.datetime(), sequence: z.int().min(0) }),
  }),
)

export function createClosingFile(file: string, log: Pick<Log, 'error'>): ClosingFile {
  let written = '[]'
  let turn: Promise<void> = Promise.resolve()

  async function write(text: string): Promise<void> {
    if (text === written) return
    const draft = `${file}.tmp`
    try {
      const handle = await open(draft, 'w', 0o600)
      try {
        await handle.writeFile(text)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(draft, file)
      written = text
    } catch (thrown) {
      log.error(
        { file, error: ensureError(thrown) },
        'what is closed here could not be written down; it is tried again',
      )
    }
  }

  return {
    async read() {
      try {
        const closings = closingsSchema.parse(JSON.parse(await readFile(file, 'utf8')))
        written = JSON.stringify(closings)
        return closings
      } catch (thrown) {
        const error = ensureError(thrown)
        if ('code' in error && error.code === 'ENOENT') return []
        throw new ConfigError(
          [
            `${file}: cannot be read, and may say which systems are closed: ${error.message}; repair it, or remove it knowingly`,
          ],
          { cause: error },
        )
      }
    },
    keep(closings) {
      const text = JSON.stringify(
        closings.map(({ system, sequence, closing: { cause, reason, at, distrustSince } }) => ({
          system,
          cause,
          reason,
          distrustSince,
          seen: { at, sequence },
        })),
      )
      turn = turn.then(() => write(text))
      return turn
    },
  }
}
