import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Config } from '../../config/load-config.ts'
import { ConfigError } from '../../model/operator-file.ts'

/** Where the listeners are to be, and in what words it is said that they cannot. */
export interface Place {
  readonly setting: 'port' | 'adminPort'
  readonly host: string
  readonly port: number
}

export function placesOf(listen: Config['listen']): readonly [partners: Place, admin: Place] {
  const { host, port, adminHost, adminPort } = listen
  return [
    { setting: 'port', host, port },
    { setting: 'adminPort', host: adminHost, port: adminPort },
  ]
}

/** Throws `ConfigError` where nobody can listen there. */
export async function listenOn<T>({ setting, host, port }: Place, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen()
  } catch (thrown) {
    const reason = LISTEN_ERRORS[(thrown as NodeJS.ErrnoException).code ?? '']
    if (reason === undefined) throw thrown
    const variable = setting === 'port' ? 'PORT' : 'ADMIN_PORT'
    throw new ConfigError(
      [`listen.${setting}: cannot listen on ${host} port ${port}: ${reason} (embedded default: set ${variable})`],
      { cause: thrown },
    )
  }
}

/** Listens on both for a moment, so that what takes long is not done in vain. */
export async function assertFree(listen: Config['listen']): Promise<void> {
  for (const place of placesOf(listen)) {
    const server = createServer()
    await listenOn(place, () => once(server.listen({ host: place.host, port: place.port }), 'listening'))
    server.close()
    await once(server, 'close')
  }
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process does; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'permission denied; choose a port above 1023',
}
