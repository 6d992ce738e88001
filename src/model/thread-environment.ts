import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'

/**
 * What a thread is given of the gateway's environment: nothing but where it finds what this process has compiled, where it
 * keeps that, so that a start does not compile the same once more for each thread.
 */
export function threadEnvironment(): Readonly<Record<string, string>> {
  // Node adds a directory of its version to the one that it is given.
  const compiled = getCompileCacheDir()
  return compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) }
}
