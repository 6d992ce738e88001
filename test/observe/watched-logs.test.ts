import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createLog } from '../../src/observe/log.ts'
import { openWatch, secretsIn, verdict, watch } from '../support/watched-logs.ts'

const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0In0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'
const SECRETS: readonly (readonly [what: string, text: string])[] = [
  ['a token', `{"message":"refused ${TOKEN}"}`],
  ['a token cut short', `{"message":"refused ${TOKEN.slice(0, 45)}"}`],
  ['an Authorization header', '{"authorization":"Bearer 0123456789abcdef"}'],
  ['credentials of HTTP Basic', '{"header":"Basic dXNlcjpwYXNzd29yZA=="}'],
  ['a private JWK', '{"key":{"kty":"OKP","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}}'],
  ['a private JWK within a text', '{"text":"{\\"d\\":\\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\\"}"}'],
  ['a PEM file', '{"key":"-----BEGIN EC PRIVATE KEY-----\\nMHQ"}'],
  ['a connection string', '{"error":"connect postgres://reader:secret@10.0.0.3/parts"}'],
  ['a password of the tests', '{"error":"of-the-finance-reader"}'],
]

let parent: string
let directory: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'recovery-gateway-watch-'))
  directory = join(parent, 'logs')
})
afterEach(() => rm(parent, { recursive: true }))

describe('a run of the tests', () => {
  test.each(SECRETS)('fails where a log has %s, and says which line', (_, text) => {
    openWatch(directory, false)
    const look = watch('of a process', directory)
    look('{"message":"a line"}\n')
    expect(verdict(directory)).toBeNull()
    look(text.slice(0, 20))
    look(`${text.slice(20)}\n{"message":"the next"}\n`)
    expect(verdict(directory)).toContain(text)
    expect(verdict(directory)).not.toContain('the next')
  })

  test('of all of them fails where nothing was looked through, or only one kind of logs', () => {
    openWatch(directory, true)
    expect(verdict(directory)).toContain('only 0 logs of all tests were looked through')
    for (let log = 0; log < 100; log += 1) watch('in the process of a test', directory)('{}\n')
    expect(verdict(directory)).toContain('none of a process')
    watch('of a process', directory)('{}\n')
    expect(verdict(directory)).toBeNull()
  })

  test('of some of them needs no logs', () => {
    openWatch(directory, false)
    expect(verdict(directory)).toBeNull()
  })
})

test.each(SECRETS)("the gateway's own log writes %s in no form that would be found", (_, text) => {
  // Passwords by themselves look like any other word: what is written of them is tested where they are used.
  if (text.includes('of-the-finance-reader')) return
  const lines: string[] = []
  const log = createLog({ level: 'debug', destination: { write: line => void lines.push(line) } })
  log.error({ text, parsed: JSON.parse(text), error: new Error(text) }, text)
  expect(lines).toHaveLength(1)
  expect(secretsIn(lines.join(''))).toEqual([])
})

test('every log that a test makes is watched', async () => {
  const root = fileURLToPath(new URL('../', import.meta.url))
  const files = (await readdir(root, { recursive: true })).filter(
    file => file.endsWith('.ts') && !file.startsWith('observe/'),
  )
  const past: string[] = []
  let logs = 0
  for (const file of files) {
    const code = await readFile(join(root, file), 'utf8')
    logs += code.match(/\bcreateLog\(/g)?.length ?? 0
    if (/\bdestination: (?!watched\()/.test(code)) past.push(file)
  }
  expect(logs).toBeGreaterThan(10)
  expect(past).toEqual([])
})
