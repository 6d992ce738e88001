import { join } from 'node:path'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'

/** The connector of a system over its extracts of the tests' data. */
export const extractsOf = (system: SystemKey): object => ({
  kind: 'extracts',
  directory: join(process.env.TEST_EXTRACTS ?? '', system),
})

/**
 * The section `systems` where only those that a test asks are there: of the others, which stay isolated, no extracts have
 * come yet. A gateway reads all extracts when it starts, so that those that nobody asks for would be most of its start.
 */
export function systemsOf(asked: Readonly<Partial<Record<SystemKey, object>>>): Readonly<Record<string, object>> {
  const none = { kind: 'extracts', directory: join(process.env.TEST_EXTRACTS ?? '', 'none') }
  return Object.fromEntries(SYSTEM_KEYS.map(key => [key, asked[key] ?? { connector: none }]))
}
