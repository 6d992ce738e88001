import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { embeddedCheckpointsFile, embeddedKeyRingFile } from '../../src/config/embedded.ts'
import type { JournalRow } from '../../src/recovery/journal/store.ts'
import { type Operators, startOperators } from './operators.ts'

let operators: Operators
let exported: string
let keys: string
let checkpoint: string
beforeAll(async () => {
  operators = await startOperators()
  await operators.accept('FORENSICS_LEAD', 'incident-fact')
  await operators.accept('PARTNER_MANAGER', 'partner-grant')
  await operators.accept('RECOVERY_LEAD', 'lifecycle-transition')
  keys = embeddedKeyRingFile(operators.directory)
  checkpoint = join(operators.directory, 'kept-apart')
  await writeFile(checkpoint, `${await operators.checkpoint()}\n`)
  exported = join(operators.directory, 'journal.jsonl')
  expect((await operators.run(['journal', 'export', '--out', exported])).code).toBe(0)
})
afterAll(() => operators.close())

describe('list', () => {
  test('shows the last entries: what, by whom, about what', async () => {
    const { code, stdout } = await operators.run(['journal', 'list', '--last', '2'], { columns: 300 })
    expect(code).toBe(0)
    expect(stdout.split('\n').map(line => line.split(' ')[0])).toEqual(['ENTRY', '2', '3', ''])
    expect(stdout).toMatch(/ partner-grant +BPNL00000R000121: REGISTER, by Tomasz Averill \(PARTNER_MANAGER\)$/m)
    expect(stdout).toMatch(/ parts-logistics: VERIFIED → LIMITED_OPEN, by Marisa Penhaligon \(RECOVERY_LEAD\)$/m)
  })

  test('shows the beginning of each id, and all of it with --long', async () => {
    const ids = operators.rows.map(({ statementId }) => statementId)
    const shown = async (...args: readonly string[]) =>
      [...(await operators.run(['journal', 'list', ...args])).stdout.matchAll(/^\d+ +\S+Z +(\S+)/gm)].map(
        ([, id]) => id,
      )
    expect(await shown()).toEqual(ids.map(id => id.slice(0, 8)))
    expect(await shown('--long')).toEqual(ids)
  })

  test('shows the entries around one that cannot be read', async () => {
    const spoilt = operators.rows.splice(1, 1, { ...(operators.rows[1] as JournalRow), acceptance: '{}' })
    const { code, stdout } = await operators.run(['journal', 'list'], { columns: 300 })
    operators.rows.splice(1, 1, ...spoilt)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^1 .*\n2 .* unreadable .*\n3 /m)
  })

  test('gives machines the rows as they are stored', async () => {
    const { stdout } = await operators.run(['journal', 'list', '--json'])
    expect(JSON.parse(stdout)).toEqual(operators.rows)
  })
})

describe('export', () => {
  test('is every row, one JSON object a line', async () => {
    const lines = (await readFile(exported, 'utf8')).trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual(operators.rows)
  })

  test('never overwrites', async () => {
    const { code, stderr } = await operators.run(['journal', 'export', '--out', exported])
    expect([code, stderr]).toEqual([3, expect.stringContaining(`${exported}: cannot be written: it is there already`)])
  })

  test('leaves no file behind where nothing listens', async () => {
    const out = join(operators.directory, 'none.jsonl')
    const { code } = await operators.run(['journal', 'export', '--out', out, '--admin', 'http://127.0.0.1:1'])
    expect(code).toBe(3)
    await expect(readFile(out)).rejects.toThrow('ENOENT')
  })
})

describe('verify', () => {
  const offline = (file: string, ...args: readonly string[]) =>
    operators.run(['journal', 'verify', '--file', file, '--keys', keys, '--checkpoint', checkpoint, ...args])

  async function exportOf(name: string, rows: readonly (JournalRow | undefined)[]): Promise<string> {
    const file = join(operators.directory, name)
    await writeFile(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
    return file
  }

  test('an export holds with nothing but keys and checkpoint, while no gateway is there', async () => {
    const { code, stdout, stderr } = await offline(exported, '--admin', 'http://127.0.0.1:1')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^The journal verifies: 3 entries, head [0-9a-f]{64}; held against the checkpoint of .* with 3 entries\.\n$/,
    )
  })

  test('each tampering is named by its place, and is no success', async () => {
    const [first, second, third] = operators.rows
    const changed = second && { ...second, recordedAt: '2030-01-01T00:00:00.000Z' }
    const tampered: readonly (readonly [string, readonly (JournalRow | undefined)[], string])[] = [
      ['changed', [first, changed, third], '2'],
      ['swapped', [first, third, second], '2'],
      ['missing', [first, third], '2'],
      ['cut', [first, second], '3'],
    ]
    for (const [name, rows, place] of tampered) {
      const { code, stdout } = await offline(await exportOf(`${name}.jsonl`, rows))
      expect([name, code]).toEqual([name, 1])
      expect(stdout).toMatch(new RegExp(`DOES NOT verify[^]*\nENTRY +PROBLEM\n${place} `))
    }
    const { stdout } = await offline(join(operators.directory, 'cut.jsonl'), '--json')
    expect(JSON.parse(stdout)).toMatchObject({ entries: 2, problems: [{ sequence: 3 }] })
  })

  test('says that a cut would not be seen where there is no checkpoint', async () => {
    const { code, stderr } = await operators.run(['journal', 'verify', '--file', exported, '--keys', keys])
    expect([code, stderr]).toEqual([0, expect.stringContaining('entries cut off its end would not be missed')])
  })

  test('of a running gateway takes keys and checkpoints from the configuration', async () => {
    await copyFile(checkpoint, embeddedCheckpointsFile(operators.directory))
    const { code, stdout, stderr } = await operators.run(['journal', 'verify'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('held against the checkpoint of')
  })

  test.each([
    ['{"sequence":1}\n', ':1: recordedAt: is missing'],
    ['no JSON\n', ':1: is not JSON'],
  ])('says which line of an export is no entry: %j', async (text, problem) => {
    const file = join(operators.directory, 'broken.jsonl')
    await writeFile(file, text)
    const { code, stderr } = await offline(file)
    expect([code, stderr]).toEqual([3, expect.stringContaining(`${file}${problem}`)])
    expect(stderr).not.toContain('    at ')
  })

  test('a private key given as the pinned keys is called that, in one line that does not have it', async () => {
    const file = operators.keyFile('SYSTEM_OWNER')
    expect(await operators.run(['journal', 'verify', '--file', exported, '--keys', file])).toEqual({
      code: 3,
      stdout: '',
      stderr: `${file}: is a private key; must be the file of pinned keys, which are public\n`,
    })
  })

  test('a file whose last line is no checkpoint is called that', async () => {
    for (const named of ['README.md', exported]) {
      const args = ['journal', 'verify', '--file', exported, '--keys', keys, '--checkpoint', named]
      const { code, stderr } = await operators.run(args)
      expect([code, stderr]).toEqual([3, `${named}: its last line is no checkpoint\n`])
    }
  })

  test('says which file is not there', async () => {
    const nowhere = join(operators.directory, 'nowhere')
    expect((await offline(nowhere)).stderr).toBe(`${nowhere}: cannot be read: there is no such file\n`)
    const { code, stderr } = await operators.run([
      'journal',
      'verify',
      '--keys',
      keys,
      '--checkpoint',
      `${checkpoint}.gone`,
    ])
    expect([code, stderr]).toEqual([3, `${checkpoint}.gone: cannot be read: there is no such file\n`])
  })
})
