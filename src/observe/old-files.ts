import { readdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Removes files that are over their bound in number or age, compressed ones too. Called as a new one is begun. What cannot
 * be removed stays: a file too many is no reason to refuse a line.
 */
export interface OldFilesOptions {
  readonly directory: string
  /** Begins the names of those that are counted. */
  readonly name: string
  readonly maxFiles: number
  readonly keepMs: number
  readonly now: () => number
  /** Never removed. */
  readonly current: string
}

/** `access-3-20251007T090000000Z.jsonl`, or the same compressed by somebody. */
const NAMED = /^([a-z]+-\d+)-\d{8}T\d{9}Z\.jsonl(?:\.gz)?$/

export function removeOldFiles({ directory, name, maxFiles, keepMs, now, current }: OldFilesOptions): void {
  const names = namesIn(directory).filter(file => NAMED.test(file))
  const own = names.filter(file => NAMED.exec(file)?.[1] === name).toSorted()
  const tooMany = new Set(own.slice(0, Math.max(0, own.length - maxFiles)))
  for (const file of names) {
    const path = join(directory, file)
    if (path === current) continue
    try {
      if (tooMany.has(file) || now() - statSync(path).mtimeMs > keepMs) unlinkSync(path)
    } catch {
      // Somebody else was quicker, or may not let it go.
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
