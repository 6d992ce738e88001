import type { Statement } from './statements.ts'

/** A statement for people: its text, and under it what stands in each of its parameters, as comments. */
export function explanation({ text, params }: Statement): string {
  return [text, ...params.map((value, index) => `-- $${index + 1} = ${JSON.stringify(value)}`)].join('\n')
}
