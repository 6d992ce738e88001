import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestFile } from './manifest.ts'

/** Whether files have changed, seen without reading them. Called by `drops.ts`. */
interface DropFiles {
  readonly directory: string
  /** Of the manifest. */
  readonly text: string
  readonly files: readonly ManifestFile[]
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** Two changes of a file so close together may leave it with the same times. */
const UNSETTLED_MS = 2_000

/** What any change of the drop would change; null where a file is so new that one could still come unseen. */
export async function stateOf({ directory, text, files, now }: DropFiles): Promise<string | null> {
  const states = [text]
  for (const { file } of files) {
    const found = await stat(join(directory, file), { bigint: true }).catch(() => null)
    const age = found === null ? UNSETTLED_MS : now - Number(found.ctimeMs)
    // A file server's clock that is ahead tells nothing of how new a file is.
    if (age >= 0 && age < UNSETTLED_MS) return null
    states.push(found === null ? 'none' : `${found.dev} ${found.ino} ${found.size} ${found.ctimeNs}`)
  }
  return states.join('\n')
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
