import { fileURLToPath } from 'node:url'
import { type Config, loadConfig } from '../../src/config/load-config.ts'
import { readText } from '../docs/project.ts'

/** `deploy/recovery-gateway.yaml`, with which every deployment runs. */

const EXAMPLE = 'deploy/recovery-gateway.yaml'
export const EXAMPLE_FILE = fileURLToPath(new URL(`../../${EXAMPLE}`, import.meta.url))

/** The variables that it names and that have no preset, sorted. */
export async function requiredVariables(): Promise<readonly string[]> {
  const text = (await readText(EXAMPLE)).replace(/^ *#.*$/gm, '')
  return [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))].sort()
}

/** The variables that a deployment sets, itself or by a file, sorted. */
export const variablesSet = (names: readonly string[]): readonly string[] =>
  names.map(name => name.replace(/_FILE$/, '')).sort()

/** With invented values. */
export async function loadExample(): Promise<Config> {
  const variables = (await requiredVariables()).map(name => [name, sampleOf(name)])
  return loadConfig(EXAMPLE_FILE, Object.fromEntries(variables))
}

function sampleOf(name: string): string {
  if (name.endsWith('DATABASE_URL')) return 'postgres://reader:x@database.example:5432/database'
  if (name === 'SHARED_STORE_URL') return 'rediss://gateway:x@store.example:6379'
  if (name.endsWith('SHA256')) return '0'.repeat(64)
  if (name === 'INCIDENT') return 'INC-2025-0901'
  return 'https://id.example'
}
