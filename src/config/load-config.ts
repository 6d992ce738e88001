import { dirname } from 'node:path'
import { deepFreeze } from '../model/freeze.ts'
import { ConfigError, formatProblem, parseOperatorFile } from '../model/operator-file.ts'
import { contradictionsOf } from './contradictions.ts'
import { embeddedCheckpointsFile, embeddedGatewayKeyFile, embeddedKeyRingFile, embeddedKeysFile } from './embedded.ts'
import { type Environment, expandEnvironment } from './environment.ts'
import type { KeySource } from './identity-schema.ts'
import { createConfigSchema, type ParsedConfig } from './schema.ts'
import { readYaml } from './yaml-file.ts'

/**
 * Turns the one configuration file into `Config`. Called once, at the start of each command. It reads no environment but the
 * one that it is given, and no other file but those in which that says variables stand.
 */

/** The configuration: paths absolute, defaults filled in, settings consistent with each other. */
export type Config = Omit<ParsedConfig, 'identity' | 'recovery'> & {
  readonly identity: Omit<ParsedConfig['identity'], 'keys'> & { readonly keys: KeySource }
  readonly recovery: RecoveryConfig
}

/** The section `recovery`, with every file that it needs. */
export type RecoveryConfig = Omit<ParsedConfig['recovery'], 'keys' | 'signingKey' | 'checkpoints'> & {
  /** `sha256` null: the embedded default, which made the file itself. */
  readonly keys: { readonly file: string; readonly sha256: string | null }
  readonly signingKey: string
  readonly checkpoints: ParsedConfig['recovery']['checkpoints'] & { readonly file: string }
}

export type SystemConfig = Config['systems']['PARTS_LOGISTICS']

/**
 * Reads, expands and checks a configuration file. Throws `ConfigError` with every problem, one per line: file, path in
 * the file, what is wrong, what is allowed.
 */
export async function loadConfig(file: string, environment: Environment): Promise<Config> {
  const expansion = expandEnvironment(await readYaml(file), environment)
  const parsed = parseOperatorFile(createConfigSchema(dirname(file)), { source: file, ...expansion })
  const contradictions = contradictionsOf(parsed)
  if (contradictions.length > 0) throw new ConfigError(contradictions.map(problem => formatProblem(file, problem)))
  return deepFreeze({ ...parsed, identity: { ...parsed.identity, keys: keysOf(parsed) }, recovery: recoveryOf(parsed) })
}

function keysOf({ identity, embedded }: ParsedConfig): KeySource {
  if (embedded !== undefined) return { kind: 'file', file: embeddedKeysFile(embedded.directory) }
  if (identity.keys !== undefined) return identity.keys
  throw new TypeError('a configuration without keys passed its checks')
}

function recoveryOf({ recovery, embedded }: ParsedConfig): RecoveryConfig {
  const { keys, signingKey, checkpoints } = recovery
  if (embedded !== undefined) {
    const { directory } = embedded
    return {
      ...recovery,
      keys: { file: embeddedKeyRingFile(directory), sha256: null },
      signingKey: embeddedGatewayKeyFile(directory),
      checkpoints: { ...checkpoints, file: embeddedCheckpointsFile(directory) },
    }
  }
  const { file } = checkpoints
  if (keys !== undefined && signingKey !== undefined && file !== undefined)
    return { ...recovery, keys, signingKey, checkpoints: { ...checkpoints, file } }
  throw new TypeError('a configuration without the files of its restart passed its checks')
}
