/** Why the operating system refused a file that somebody named, by its error code, in words for operators. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'it is there already and is never overwritten; choose another file',
  EISDIR: 'it is a directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is no directory',
  EROFS: 'its file system is read-only',
}

/** Null: it was not the operating system. */
export function fileFailure(done: 'read' | 'written', cause: unknown): string | null {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : null
  if (code !== 'ENOENT') return code === null ? null : (REASONS[code] ?? code)
  return done === 'read' ? 'there is no such file' : 'there is no such directory'
}

/** Why a file cannot be read, whatever was thrown: what is not of the operating system may repeat what stands in the file. */
export function readFailure(cause: unknown): string {
  return fileFailure('read', cause) ?? 'it could not be told why'
}
