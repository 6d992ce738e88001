import { dirname } from 'node:path'
import { deepFreeze } from '../model/freeze.ts'
import { ConfigError, formatProblem, parseOperatorFile } from '../model/operator-file.ts'
import { contradictionsOf } from './contradictions.ts'
import { embeddedKeysFile } from './embedded.ts'
import { type Environment, expandEnvironment } from './environment.ts'
import type { KeySource } from './identity-schema.ts'
import { createConfigSchema, type ParsedConfig } from './schema.ts'
import { readYaml } from './yaml-file.ts'

/**
 * Turns the one configuration file into `Config`. Called once, at the start of each command. It opens no other file
 * and reads no environment but the one that it is given.
 */

/** The configuration: paths absolute, defaults filled in, settings consistent with each other. */
export type Config = Omit<ParsedConfig, 'identity'> & {
  readonly identity: Omit<ParsedConfig['identity'], 'keys'> & { readonly keys: KeySource }
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
  return deepFreeze({ ...parsed, identity: { ...parsed.identity, keys: keysOf(parsed) } })
}

function keysOf({ identity, embedded }: ParsedConfig): KeySource {
  if (embedded !== undefined) return { kind: 'file', file: embeddedKeysFile(embedded.directory) }
  if (identity.keys !== undefined) return identity.keys
  throw new TypeError('a configuration without keys passed its checks')
}
