import { z } from 'zod'

/**
 * What an operator writes in a file becomes a type here, or one error that lists everything wrong with it.
 * Called by the parsers of the configuration, the directories and the restart. It never reads a file and never
 * repeats a value that may be secret.
 */

/** A path inside a file, as zod gives it. */
export type FilePath = readonly PropertyKey[]

export interface Problem {
  readonly path: FilePath
  /** What is wrong and what is allowed, such as `is 0; must be a whole number from 1 to 65535`. */
  readonly text: string
}

/** An operator's file cannot be used. The message has one line per problem: file, path in the file, what is wrong, what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.problems = problems
  }
}

export interface OperatorFile {
  /** The file's name, for messages. */
  readonly source: string
  readonly value: unknown
  /** What is wrong with the file already; nothing more is said about the values there. */
  readonly problems?: readonly Problem[]
  /** What its members are called, for messages; left out: `setting`. */
  readonly member?: string
  /** The environment variable that a value comes from, by `formatPath`: such a value is never repeated. */
  readonly variables?: ReadonlyMap<string, string>
}

/** Parses a file's value by its schema; throws `ConfigError` with every problem. */
export function parseOperatorFile<S extends z.ZodType>(schema: S, file: OperatorFile): z.output<S> {
  const earlier = file.problems ?? []
  const result = schema.safeParse(file.value, { error: requirement })
  if (result.success && earlier.length === 0) return result.data
  const known = new Set(earlier.map(problem => formatPath(problem.path)))
  const found = (result.error?.issues ?? []).flatMap(issue => problemsOf(issue, file))
  const problems = [...earlier, ...found.filter(problem => !known.has(formatPath(problem.path)))]
  throw new ConfigError(problems.map(problem => formatProblem(file.source, problem)))
}

/**
 * Refines a list: a problem for each entry whose name an earlier entry has. `member` is the setting that holds the name.
 */
export function refuseRepeats<T>(nameOf: (entry: T) => string, member?: string) {
  return (entries: readonly T[], context: z.RefinementCtx): void => {
    const first = new Map<string, number>()
    for (const [index, entry] of entries.entries()) {
      const name = nameOf(entry)
      const earlier = first.get(name)
      if (earlier === undefined) first.set(name, index)
      else {
        const message = `${name} is that of entry [${earlier}] already; each may stand there once`
        context.addIssue({ code: 'custom', path: member === undefined ? [index] : [index, member], message })
      }
    }
  }
}

/** `file: systems.PARTS_LOGISTICS.deadlineMs: is 0; must be …` on one line. */
export function formatProblem(source: string, { path, text }: Problem): string {
  return [source, ...(path.length > 0 ? [formatPath(path)] : []), text].join(': ')
}

/** `['partners', 3, 'bpnl']` → `partners[3].bpnl`. */
export function formatPath(path: FilePath): string {
  return path
    .map(step => {
      if (typeof step === 'number') return `[${step}]`
      const name = String(step)
      return `.${/^[\w-]{1,80}$/.test(name) ? name : JSON.stringify(name.slice(0, 80))}`
    })
    .join('')
    .replace(/^\./, '')
}

function problemsOf(issue: z.core.$ZodIssue, file: OperatorFile): readonly Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => ({
      path: [...issue.path, key],
      text: `is not a ${file.member ?? 'setting'}; ${issue.message}`,
    }))
  // A rule between settings words what is wrong itself; any other says only what a value must be.
  const text = issue.message.startsWith('must ') ? `${stateOf(file, issue.path)}; ${issue.message}` : issue.message
  return [{ path: issue.path, text }]
}

const SECRET_PATH = /password|passphrase|secret|token|connectionString|credential|private/i
const USER_IN_URL = /:\/\/[^/]*@/

/** What stands at a path, said without repeating what may be secret. */
function stateOf(file: OperatorFile, path: FilePath): string {
  const place = formatPath(path)
  const variable = file.variables?.get(place)
  if (variable !== undefined) return `is not valid as the environment variable ${variable} gives it`
  const value = path.reduce<unknown>(memberOf, file.value)
  if (value === undefined) return 'is missing'
  if (value === null || value === '') return 'is empty'
  if (Array.isArray(value)) return 'is a list'
  if (typeof value === 'object') return 'is a mapping'
  const shown = JSON.stringify(value)
  return SECRET_PATH.test(place) || USER_IN_URL.test(shown) || shown.length > 80 ? 'is not valid' : `is ${shown}`
}

function memberOf(container: unknown, step: PropertyKey): unknown {
  if (container === null || typeof container !== 'object' || !Object.hasOwn(container, step)) return undefined
  return (container as Readonly<Record<PropertyKey, unknown>>)[step]
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** What a value must be, where its schema does not say so in words of its own. */
function requirement(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`
    case 'unrecognized_keys':
      return `allowed here: ${issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape).join(', ') : 'nothing'}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'invalid_union':
      return `must be one of ${'options' in issue ? String(issue.options).replaceAll(',', ', ') : 'the allowed forms'}`
    case 'too_small':
      return `must ${issue.origin === 'number' ? 'be' : 'have'} at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `must ${issue.origin === 'number' ? 'be' : 'have'} at most ${issue.maximum}${unitOf(issue.origin)}`
    default:
      return `must be a valid ${'format' in issue ? String(issue.format) : 'value'}`
  }
}

function unitOf(origin: string): string {
  if (origin === 'array') return ' entries'
  return origin === 'string' ? ' characters' : ''
}
