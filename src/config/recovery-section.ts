import { dirname } from 'node:path'
import { z } from 'zod'
import { ConfigError, parseOperatorFile } from '../model/operator-file.ts'
import { embeddedCheckpointsFile, embeddedKeyRingFile } from './embedded.ts'
import type { Environment } from './environment.ts'
import type { RecoveryConfig } from './load-config.ts'
import { createConfigSchema } from './schema.ts'
import { readSections } from './sections.ts'

/**
 * The part of a configuration that whoever signs or verifies needs: no secret of the server is in it, and none has to be
 * in the environment. Called by the operators' commands. It reads nothing else of the file and opens no other.
 */
export interface RecoverySection extends Pick<RecoveryConfig, 'incident' | 'audience' | 'keys' | 'policy'> {
  /** Null: the file names none. */
  readonly checkpointsFile: string | null
  /** Where the embedded default keeps its sample keys; null: it is another configuration. */
  readonly embeddedDirectory: string | null
}

const MEMBERS = { incident: true, audience: true, keys: true, policy: true, checkpoints: true } as const

/** Throws `ConfigError` with every problem of these settings, and of no other. */
export async function readRecoverySection(file: string, environment: Environment): Promise<RecoverySection> {
  const sections = await readSections(file, environment, ['recovery', 'embedded'], { recovery: Object.keys(MEMBERS) })
  const section = parseOperatorFile(schemaIn(dirname(file)), sections)
  const { incident, audience, policy, keys, checkpoints } = section.recovery
  const directory = section.embedded?.directory
  if (directory !== undefined) {
    const files = { keys: { file: embeddedKeyRingFile(directory), sha256: null } }
    return {
      incident,
      audience,
      policy,
      ...files,
      checkpointsFile: embeddedCheckpointsFile(directory),
      embeddedDirectory: directory,
    }
  }
  if (keys === undefined)
    throw new ConfigError([
      `${file}: recovery.keys: is missing; must have file and sha256, the public keys of all who sign`,
    ])
  return { incident, audience, policy, keys, checkpointsFile: checkpoints.file ?? null, embeddedDirectory: null }
}

function schemaIn(directory: string) {
  const { recovery, embedded } = createConfigSchema(directory).shape
  return z.strictObject({ recovery: recovery.pick(MEMBERS), embedded })
}
