/**
 * What a reader should be told before anything else: which fields of the answer are null because they could not be
 * answered, and which systems could only repeat what they gave last.
 */
export interface Noted {
  readonly errors?: readonly NotedError[] | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

interface NotedError {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

/** What stands in `extensions.warnings`. */
interface Warning {
  readonly code: string
  readonly message: string
  readonly readAt: string
}

export function notesOf({ errors = [], extensions }: Noted): readonly string[] {
  const warnings = (extensions?.warnings ?? []) as readonly Warning[]
  return [
    ...errors.map(({ message, extensions }) => {
      const again = extensions?.retryAfter
      return `${extensions?.code}: ${message}${typeof again === 'string' ? ` Ask again at ${again}.` : ''}`
    }),
    ...warnings.map(({ code, message, readAt }) => `${code}: ${message} It is of ${readAt}.`),
  ]
}
