import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { ensureError } from '../../model/errors.ts'
import { ConfigError } from '../../model/operator-file.ts'

/**
 * A private directory for the SQLite files of one connector. Beside it listens a socket that only a living process
 * answers, in whichever container it runs: so the next start removes what a crash left, and never what is in use.
 * Called by `connector.ts`.
 */
export interface WorkDirectory {
  readonly path: string
  /** Removes the directory with all in it. */
  remove(): Promise<void>
}

const NAME = /^rg-extracts-[0-9a-f]{16}$/

/** Makes one within `parent`, and removes what others left there. Throws `ConfigError`. */
export async function createWorkDirectory(parent: string): Promise<WorkDirectory> {
  const name = `rg-extracts-${randomBytes(8).toString('hex')}`
  const path = join(parent, name)
  try {
    // First the socket: a directory of this name without one has no owner any more.
    const server = await listen(addressOf(parent, name))
    await mkdir(path, { mode: 0o700 })
    await removeLeftOver(parent)
    return {
      path,
      async remove() {
        await rm(path, { recursive: true, force: true })
        await new Promise(resolve => server.close(resolve))
      },
    }
  } catch (thrown) {
    const { message } = ensureError(thrown)
    const problem = `${parent}: no place to work in (${message}); name another as workDirectory, on a local disk`
    throw new ConfigError([problem], { cause: thrown })
  }
}

async function removeLeftOver(parent: string): Promise<void> {
  for (const name of (await readdir(parent)).filter(each => NAME.test(each))) {
    const address = addressOf(parent, name)
    if (await isAnswered(address)) continue
    // What cannot be removed, such as another user's, is theirs to remove.
    await rm(join(parent, name), { recursive: true, force: true })
      .then(() => rm(address, { force: true }))
      .catch(() => {})
  }
}

function addressOf(parent: string, name: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(parent, `${name}.sock`)
}

function listen(address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.once('error', reject)
    server.listen(address, () => resolve(server.unref()))
  })
}

/** Only where nobody listens is a directory without owner; whatever else is the matter, it may have one. */
function isAnswered(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(address, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
