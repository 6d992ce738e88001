import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogDestination } from '../../src/observe/log-destination.ts'

/**
 * Every line that a test makes a gateway write is looked through for secrets, whatever the test is about: what is found
 * fails the whole run at its end, and so does a whole run in which nothing was looked through. The directory `TEST_LOGS` is
 * where the processes of a run put together what they saw.
 */

/** What may stand in no log: forms of credentials, and the passwords that tests use. */
const SECRETS: readonly (readonly [name: string, form: RegExp])[] = [
  ['a token, a statement or a proof', /\beyJ[\w-]{8,}\.[\w-]{8,}/],
  ['an Authorization header', /\b(?:Bearer|DPoP|Basic) (?!error=|algs=|realm=)[\w.~+/-]{12,}/],
  ['a private key', /-----BEGIN [A-Z ]{0,20}PRIVATE KEY|\\?"d\\?"\s?:\s?\\?"[\w-]{40,}/],
  ['a password in a URL', /\w:\/\/[^\s"'/@:]+:[^\s"'/@]+@/],
  [
    'a password',
    /\b(?:of-the-finance-reader|choose-one|choose-another|choose-a-third|not-a-secret|not-for-logs|gehäim)\b/u,
  ],
]

export function secretsIn(text: string): readonly string[] {
  return SECRETS.filter(([, form]) => form.test(text)).map(([name]) => name)
}

type Source = 'in the process of a test' | 'of a process'

/** A destination for the log of a gateway that runs in a test, which hands each line on. */
export function watched(write: (line: string) => void): LogDestination {
  const look = watch('in the process of a test')
  return {
    write(line) {
      look(line)
      write(line)
    },
  }
}

/** Looks through what comes from a log, line by line; what is no whole line yet waits for the rest. */
export function watch(source: Source, directory = process.env.TEST_LOGS): (text: string) => void {
  let hasSeen = false
  let rest = ''
  return text => {
    if (directory === undefined) return
    if (!hasSeen) appendFileSync(join(directory, 'seen'), `${source}\n`)
    hasSeen = true
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines)
      for (const name of secretsIn(line)) appendFileSync(join(directory, 'found'), `${name}, ${source}: ${line}\n`)
  }
}

/** Begins a run. `isWhole`: all tests are run, so that all kinds of logs have to be seen. */
export function openWatch(directory: string, isWhole: boolean): void {
  mkdirSync(directory)
  if (isWhole) appendFileSync(join(directory, 'whole'), '')
}

const LEAST_LOGS = 50

/** What is wrong with the run; null: nothing. */
export function verdict(directory: string): string | null {
  const linesOf = (name: string) => {
    const file = join(directory, name)
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  }
  const found = linesOf('found')
  if (found.length > 0) return `secrets stand in logs:\n${found.slice(0, 20).join('\n')}`
  if (!existsSync(join(directory, 'whole'))) return null
  const seen = linesOf('seen')
  const sources: readonly Source[] = ['in the process of a test', 'of a process']
  const missing = sources.filter(source => !seen.includes(source))
  if (seen.length >= LEAST_LOGS && missing.length === 0) return null
  return `only ${seen.length} logs of all tests were looked through for secrets${missing.map(source => `, none ${source}`).join('')}`
}
