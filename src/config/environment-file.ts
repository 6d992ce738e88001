import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { secretExposure } from '../model/file-exposure.ts'
import { readFailure } from '../model/file-failure.ts'

/**
 * A variable whose value stands in a file, as Docker, Kubernetes and systemd hand secrets over: `NAME_FILE` names it where
 * `NAME` is not set. Called by the expansion of a configuration, for the variables that it names and for no other.
 */
export type FromFile =
  | { readonly kind: 'read'; readonly value: string }
  /** For an operator; never what stands in the file. */
  | { readonly kind: 'refused'; readonly problem: string }

/** Reads the file again each time, so that a reload takes up what has been replaced. The file that is looked at is the one that is read. */
export function readVariableFile(name: string, path: string): FromFile {
  const file = resolve(path)
  const refused = (problem: string): FromFile => ({
    kind: 'refused',
    problem: `${name}_FILE names a file that cannot be used: ${problem}`,
  })
  let descriptor: number | null = null
  try {
    descriptor = openSync(file, 'r')
    const { mode, uid } = fstatSync(descriptor)
    const exposure = secretExposure({ file, mode, uid })
    if (exposure !== null) return refused(`${file} ${exposure}`)
    // The line feed that editors and `echo` put at the end is none of the secret.
    return { kind: 'read', value: readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '') }
  } catch (cause) {
    return refused(`${file} cannot be read: ${readFailure(cause)}`)
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}
