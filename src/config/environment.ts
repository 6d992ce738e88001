import type { FilePath, Problem } from '../model/operator-file.ts'
import { formatPath } from '../model/operator-file.ts'
import { readVariableFile } from './environment-file.ts'

/**
 * `${VAR}` and `${VAR:-default}` in a parsed file. Called by the loader, after YAML and before the schema: a variable
 * is text within one value, so it can never add a setting. It never reads the process's own environment, and no file but
 * one that `VAR_FILE` names for a variable that is not set.
 */

export type Environment = Readonly<Record<string, string | undefined>>

export interface Expansion {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** The first variable that each expanded value names, by `formatPath`. */
  readonly variables: ReadonlyMap<string, string>
}

/** `$${` stands for `${` itself; a reference that is not well formed ends at its brace, or with the text. */
const REFERENCE = /\$\$\{|\$\{([^}]*)(\}|$)/g
const NAMED = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/**
 * Replaces every reference in every text of a JSON-like value. As in a shell, `:-` gives the default where the
 * variable is unset or empty.
 */
export function expandEnvironment(value: unknown, environment: Environment): Expansion {
  const problems: Problem[] = []
  const variables = new Map<string, string>()

  /** Undefined: it is set in neither way. A file that cannot be used is a problem, and counts as empty. */
  function variableNamed(name: string, path: FilePath): string | undefined {
    const own = (key: string) => (Object.hasOwn(environment, key) ? environment[key] : undefined)
    const [given, file] = [own(name), own(`${name}_FILE`)]
    if (!file) return given
    if (given) {
      problems.push({ path, text: `the environment has both ${name} and ${name}_FILE; unset one of them` })
      return given
    }
    const read = readVariableFile(name, file)
    if (read.kind === 'read') return read.value
    problems.push({ path, text: read.problem })
    return ''
  }

  function expandText(text: string, path: FilePath): string {
    return text.replace(REFERENCE, (reference: string, body: string | undefined, brace: string) => {
      if (body === undefined) return '${'
      const [, name, preset] = NAMED.exec(body) ?? []
      if (name === undefined || brace === '') {
        problems.push({ path, text: `is not a reference to the environment; write \${NAME} or \${NAME:-default}` })
        return reference
      }
      if (!variables.has(formatPath(path))) variables.set(formatPath(path), name)
      const given = variableNamed(name, path)
      const found = given === '' && preset !== undefined ? preset : (given ?? preset)
      if (found === undefined) {
        const remedy = `set it, or write \${${name}:-default}`
        problems.push({ path, text: `the environment variable ${name} is not set; ${remedy}` })
      }
      return found ?? ''
    })
  }

  function expand(node: unknown, path: FilePath): unknown {
    if (typeof node === 'string') return expandText(node, path)
    if (Array.isArray(node)) return node.map((member, index) => expand(member, [...path, index]))
    if (node === null || typeof node !== 'object') return node
    return Object.fromEntries(Object.entries(node).map(([name, member]) => [name, expand(member, [...path, name])]))
  }

  return { value: expand(value, []), problems, variables }
}
