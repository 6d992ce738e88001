import { stat } from 'node:fs/promises'
import { keyExposure, trustExposure } from '../model/file-exposure.ts'
import { ConfigError } from '../model/operator-file.ts'
import type { NamedFile } from './named-files.ts'

/**
 * Whether the gateway's files are its own: others use none of its private keys, and change nothing that it trusts. Called
 * by the self-test, and by `serve` for the configuration itself. Gives a line for each that is not; a file that is not there is for
 * whoever reads it to report.
 */
export async function permissionProblems(files: readonly NamedFile[]): Promise<readonly string[]> {
  const problems = await Promise.all(
    files.map(async ({ file, setting, isSecret }) => {
      const found = await stat(file).catch(() => null)
      const exposure = found && (isSecret ? keyExposure : trustExposure)({ file, mode: found.mode, uid: found.uid })
      return exposure === null ? [] : [`${setting}: ${file}: ${exposure}`]
    }),
  )
  return problems.flat()
}

/** @throws ConfigError where others may change the configuration */
export async function assertConfigurationKept(file: string): Promise<void> {
  const problems = await permissionProblems([{ setting: 'configuration', file, isSecret: false }])
  if (problems.length > 0) throw new ConfigError(problems)
}
