import { type ClientTlsSettings, readClientTls } from '../config/client-tls.ts'
import type { ClientTls } from '../model/client-tls.ts'
import { ConfigError } from '../model/operator-file.ts'

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  /** Speaks TLS, and verifies the server's certificate. */
  readonly tls?: ClientTls
}

/**
 * Where the shared store is and as whom to speak to it, from its settings. Called once, when it is opened.
 *
 * @throws ConfigError naming the setting, never its value: it holds a password
 */
export async function serverOf(url: string, tls: ClientTlsSettings | undefined): Promise<ServerAddress> {
  if (!URL.canParse(url)) throw new ConfigError(['sharedStore.url: is not a URL with a valid host and port'])
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url)
  const isSecure = protocol === 'rediss:'
  if (tls !== undefined && !isSecure)
    throw new ConfigError(['sharedStore.url: must begin with rediss:// where tls is set'])
  if (hostname === '') throw new ConfigError(['sharedStore.url: names no host'])
  if (!/^\/?$/.test(pathname) || search !== '' || hash !== '')
    throw new ConfigError(['sharedStore.url: must end after the port; keyPrefix keeps several sites apart'])
  return {
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 6379 : Number(port),
    ...(username === '' ? {} : { username: decode(username) }),
    ...(password === '' ? {} : { password: decode(password) }),
    ...(isSecure ? { tls: await readClientTls(tls ?? {}) } : {}),
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new ConfigError(['sharedStore.url: has a % in its user or password that must be written as %25'], { cause })
  }
}
