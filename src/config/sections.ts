import { type Environment, expandEnvironment } from './environment.ts'
import { readYaml } from './yaml-file.ts'

/**
 * Parts of a configuration file, for commands that need no more: what the rest of it wants of the environment, such as the
 * server's secrets, need not be there.
 */

/** The named sections, with the variables that these name and no others. `members`: all that is taken of a section. */
export async function readSections(
  file: string,
  environment: Environment,
  names: readonly string[],
  members: Readonly<Record<string, readonly string[]>> = {},
) {
  const sections = pick(await readYaml(file), names)
  const needed = Object.entries(sections).map(([name, section]) => {
    const taken = members[name]
    return [name, taken === undefined ? section : pick(section, taken)]
  })
  return { source: file, ...expandEnvironment(Object.fromEntries(needed), environment) }
}

/** The named members; what is no mapping is left as it is, for the schema to refuse. */
function pick(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value as never
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
}
