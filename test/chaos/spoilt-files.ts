import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Fault } from '../support/fault-proxy.ts'

/**
 * A directory into which a system drops its extracts, spoilt as the disk, the network share or the system spoils it. Each
 * fault comes with a newer drop, or there would be nothing to read:
 *
 *   latency          the files come a while after the manifest
 *   reset            a file vanishes
 *   truncate         a file is cut
 *   black hole       the directory is gone
 *   accept and hang  a file is a pipe that nobody writes to
 *   refuse           the manifest cannot be opened
 *   drip             a file grows a few bytes at a time
 *   bit flip         one bit of a file is another
 *   freeze           the manifest is a pipe that nobody writes to
 */
export interface SpoiltFiles {
  readonly directory: string
  /** Times of the drops that are whole: what is served is as of one of them. */
  readonly whole: ReadonlySet<string>
  /** Null: a newer drop that is whole. */
  lay(fault: Fault | null): Promise<void>
  close(): Promise<void>
}

const MANIFEST = 'manifest.json'
const VICTIM = 'material_demand.jsonl'
/** Of POSIX; Node.js has no call for it. */
const MAKE_PIPE = 'mkfifo'
const LATE_MS = 200
const DRIP_MS = 20
const DRIP_BYTES = 64
const NEWER_MS = 60_000

export async function createSpoiltFiles(source: string, directory: string): Promise<SpoiltFiles> {
  const [manifest, victim] = [join(directory, MANIFEST), join(directory, VICTIM)]
  const described = JSON.parse(await readFile(join(source, MANIFEST), 'utf8'))
  const content = await readFile(join(source, VICTIM))
  // What a spoilt drop would have held: mended, the directory must not make it whole after all.
  const newer = Buffer.from(content.toString().replace(':', ': '))
  const whole = new Set<string>()
  let asOfMs = Date.parse(described.asOf)
  let last: string = described.asOf
  let ending = new AbortController()
  let dripping: Promise<void> = Promise.resolve()

  async function describe(isWhole: boolean): Promise<void> {
    asOfMs += NEWER_MS
    const asOf = new Date(asOfMs).toISOString()
    if (isWhole) {
      whole.add(asOf)
      last = asOf
    }
    await write(asOf, isWhole ? content : newer)
  }

  async function write(asOf: string, of: Buffer): Promise<void> {
    const sha256 = createHash('sha256').update(of).digest('hex')
    const files = described.files.map((entry: { readonly file: string }) =>
      entry.file === VICTIM ? { ...entry, sha256 } : entry,
    )
    await writeFile(`${manifest}.new`, JSON.stringify({ ...described, asOf, files }))
    await rename(`${manifest}.new`, manifest)
  }

  async function drip(): Promise<void> {
    const { signal } = ending
    for (let at = 0; !signal.aborted && at < newer.length / 2; at += DRIP_BYTES) {
      await appendFile(victim, newer.subarray(at, at + DRIP_BYTES))
      await setTimeout(DRIP_MS)
    }
  }

  async function replaced(file: string, by: (file: string) => unknown): Promise<void> {
    await rm(file, { force: true })
    await by(file)
  }
  const pipe = (file: string) => execFileSync(MAKE_PIPE, [file])

  async function spoil(fault: Fault): Promise<void> {
    switch (fault) {
      case 'latency':
        await rm(victim)
        await describe(true)
        await setTimeout(LATE_MS)
        return writeFile(victim, content)
      case 'reset':
        await rm(victim)
        return describe(false)
      case 'truncate':
        await writeFile(victim, newer.subarray(0, newer.length / 2))
        return describe(false)
      case 'black hole':
        return rm(directory, { recursive: true })
      case 'accept and hang':
        await replaced(victim, pipe)
        return describe(false)
      case 'refuse':
        return replaced(manifest, file => symlink(MANIFEST, file))
      case 'drip':
        await rm(victim)
        await describe(false)
        dripping = drip()
        return
      case 'bit flip': {
        const flipped = Buffer.from(newer)
        const at = Math.floor(flipped.length / 2)
        flipped[at] = (flipped[at] ?? 0) ^ 1
        await writeFile(victim, flipped)
        return describe(false)
      }
      case 'freeze':
        return replaced(manifest, pipe)
      default:
        return fault satisfies never
    }
  }

  async function mend(): Promise<void> {
    ending.abort()
    await dripping
    ending = new AbortController()
    await mkdir(directory, { recursive: true })
    for (const file of [manifest, victim]) await rm(file, { force: true })
    await cp(source, directory, { recursive: true, filter: file => !file.endsWith(MANIFEST) })
  }

  await mend()
  await describe(true)
  return {
    directory,
    whole,
    async lay(fault) {
      await mend()
      if (fault === null) return describe(true)
      // Until the fault is laid, the last whole drop is what is there.
      await write(last, content)
      await spoil(fault)
    },
    async close() {
      ending.abort()
      await dripping
    },
  }
}
