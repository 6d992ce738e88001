import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { readFailure } from '../model/file-failure.ts'
import { ConfigError } from '../model/operator-file.ts'

/**
 * Reads YAML 1.2 files that people write. Called by whoever parses one: the configuration, the site directory, the sample
 * story. It knows no file's shape, and its errors say where the syntax breaks without quoting the text there.
 */

/** The parsed value of a YAML file; throws `ConfigError` with line and column. */
export async function readYaml(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError([`${file}: cannot be read: ${readFailure(cause)}`], { cause })
  })
  return parseYaml(text, file)
}

/** One YAML 1.2 document as JSON data: unique text keys, core types only, a bounded number of aliases and no circles. */
export function parseYaml(text: string, source: string): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, resolveKnownTags: false })
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = lineCounter.linePos(pos[0])
    return `${source}:${line}:${col}: ${withoutQuotation(message)}`
  })
  if (problems.length > 0) throw new ConfigError(problems)
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 })))
  } catch (cause) {
    throw new ConfigError([`${source}: has an alias that is unknown or circular, or too many aliases`], { cause })
  }
}

/** The parser ends some messages with the text that it met, which may be a secret in the wrong place. */
function withoutQuotation(message: string): string {
  return message.replace(/[:;] .*$/s, '')
}
