/**
 * What other users of this machine may do to a file, by its owner and mode, in words for operators and with the command
 * that mends it. Called where private keys are read and by the self-test. Windows has no such modes: there, nothing is said.
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

/** Of a private key, or of another secret, which nobody else may use. Null: nobody can. */
export function keyExposure({ file, mode, uid }: OwnedFile, secret = 'private key'): string | null {
  const user = process.getuid?.()
  if (user === undefined) return null
  if (uid !== user && uid !== ROOT)
    return `belongs to the user ${uid}, who can use the ${secret}; run: chown ${user} ${quoted(file)}`
  // A secret as Kubernetes mounts it: root's, for this user to read as a member of the volume's group.
  const isMounted = uid === ROOT && user !== ROOT
  if ((mode & GROUP_AND_OTHERS & ~(isMounted ? GROUP_READ : 0)) === 0) return null
  const allowed = isMounted ? '0440' : '0600'
  return `has the mode ${modeText(mode)}, so other users can use the ${secret}; run: chmod ${allowed} ${quoted(file)}`
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
