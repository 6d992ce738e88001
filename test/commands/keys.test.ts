import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { runCommand } from '../../src/commands/command-line.ts'
import { parseKeyRing } from '../../src/recovery/statements/key-ring.ts'
import { readSigningKey } from '../../src/recovery/statements/signing-key.ts'
import { createRecordedIo } from './recorded-io.ts'

let directory: string
let out: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-keys-'))
  out = join(directory, 'key.json')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function keysNew(...args: readonly string[]) {
  const io = createRecordedIo()
  return { code: await runCommand(['keys', 'new', ...args], io), ...io.written }
}

const WHO = ['--role', 'system-owner', '--name', 'Sam Whitlock'] as const

test.each(['EdDSA', 'ES256'] as const)(
  '%s: the private key is its holder’s alone, and the printed entry is what is pinned',
  async algorithm => {
    const systems = ['--system', 'parts-logistics', '--system', 'parts-logistics']
    const { code, stdout, stderr } = await keysNew(...WHO, '--algorithm', algorithm, ...systems, '--out', out)
    expect([code, stderr]).toEqual([0, ''])
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    const { keyId } = await readSigningKey(out)
    expect(parseKeyRing({ keys: [JSON.parse(stdout)] }, 'printed').find(keyId)).toEqual({
      keyId,
      role: 'SYSTEM_OWNER',
      name: 'Sam Whitlock',
      algorithm,
      systems: ['PARTS_LOGISTICS'],
      withdrawnAt: null,
    })
    const { d } = JSON.parse(await readFile(out, 'utf8'))
    expect(stdout).not.toContain(d)
  },
)

test('a key that is there is never overwritten', async () => {
  await writeFile(out, 'precious')
  const { code, stdout, stderr } = await keysNew(...WHO, '--out', out)
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toBe(`${out}: cannot be written: it is there already and is never overwritten; choose another file\n`)
  expect(await readFile(out, 'utf8')).toBe('precious')
})

test.each([
  [[], '--name is missing'],
  [['--name', 'Sam'], '--role is missing'],
  [['--role', 'KING', '--name', 'Sam', '--out', 'x'], '--role KING: must be one of FORENSICS_LEAD, '],
  [[...WHO], '--out is missing'],
  [[...WHO, '--out', 'x', '--algorithm', 'none'], '--algorithm none: must be one of EdDSA, ES256'],
  [[...WHO, '--out', 'x', '--system', 'erp'], '--system erp: must be one of parts-logistics'],
  [['--role', 'GATEWAY', '--name', 'two\nlines', '--out', 'x'], '--name: must be text'],
])('refuses %j and says what is allowed', async (args, message) => {
  const { code, stdout, stderr } = await keysNew(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
  expect(stderr).toMatch(/\nSee: recovery-gateway keys new --help\n$/)
})
