import { statfsSync, statSync } from 'node:fs'

/**
 * What other users of this machine may do to a file, by its owner and mode, in words for operators and with the command
 * that mends it. Called where private keys and other secrets are read, and by the self-test. Windows has no such modes: there,
 * nothing is said.
 */
export interface OwnedFile {
  readonly file: string
  readonly mode: number
  readonly uid: number
}

const GROUP_READ = 0o040
const GROUP_AND_OTHERS = 0o077
const OTHERS_WRITE = 0o002
const ROOT = 0
const GROUP_AND_OTHERS_WRITE = 0o022
const FIRST_PROCESS = '/proc/1'
/** tmpfs and ramfs, as statfs(2) has them. */
const IN_MEMORY: readonly number[] = [0x01021994, 0x858458f6]

/** Of a private key, which nobody else may use. Null: nobody can. */
export function keyExposure(file: OwnedFile): string | null {
  return exposureTo('use the private key', file)
}

/** Of a file with a secret, such as a password, which nobody else may read. Null: nobody can. */
export function secretExposure(file: OwnedFile): string | null {
  return exposureTo('read the secret', file)
}

function exposureTo(deed: string, { file, mode, uid }: OwnedFile): string | null {
  const user = process.getuid?.()
  if (user === undefined) return null
  if (uid !== user && uid !== ROOT)
    return `belongs to the user ${uid}, who can ${deed}; run: chown ${user} ${quoted(file)}`
  // A secret as Kubernetes mounts it: root's, for this user to read as a member of the volume's group.
  const isMounted = uid === ROOT && user !== ROOT
  if ((mode & GROUP_AND_OTHERS & ~(isMounted ? GROUP_READ : 0)) === 0) return null
  if (isMounted && (mode & GROUP_AND_OTHERS_WRITE) === 0 && isHandedOver(file, user)) return null
  const said = `has the mode ${modeText(mode)}, so other users can ${deed}; run: chmod`
  return isMounted ? `${said} 0440 ${quoted(file)}, or mount it with that mode` : `${said} 0600 ${quoted(file)}`
}

/**
 * Whether a file is a secret that Swarm (0444) or Kubernetes (0644) hands over with its default mode: it stands in memory, in a
 * container whose first process is this user's. Nobody else is in there, and outside nobody reaches it by its mode. A file
 * of the machine's own disk that is mounted into a container is not: on the machine its mode counts.
 */
function isHandedOver(file: string, user: number): boolean {
  try {
    return statSync(FIRST_PROCESS).uid === user && IN_MEMORY.includes(statfsSync(file).type)
  } catch {
    return false
  }
}

/** Of a file that the gateway trusts, which users of its group may change and any others may not. Null: they cannot. */
export function trustExposure({ file, mode }: Omit<OwnedFile, 'uid'>): string | null {
  if (process.getuid === undefined || (mode & OTHERS_WRITE) === 0) return null
  return `has the mode ${modeText(mode)}, so any user can change what the gateway trusts; run: chmod o-w ${quoted(file)}`
}

function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}

function quoted(file: string): string {
  return `'${file.replaceAll("'", "'\\''")}'`
}
