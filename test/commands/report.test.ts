import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runReport } from '../../src/commands/report/report.ts'
import { createTally, OTHERS } from '../../src/commands/report/tally.ts'
import { createRecordedIo } from './recorded-io.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'report-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function report(...args: readonly string[]) {
  const io = createRecordedIo({}, { columns: 160 })
  return { code: await runReport(args, io), ...io.written }
}

const RETAILER = 'BPNL00000R000121'
const SUPPLIER = 'BPNL00000S000042'

function line(minute: number, members: object): string {
  const time = `2025-10-07T09:${String(minute).padStart(2, '0')}:00.000Z`
  return `${JSON.stringify({ time, requestId: `id-${minute}`, status: 200, answered: true, ...members })}\n`
}

const enquiry = { partner: RETAILER, operation: 'Enquiry', systems: ['PARTS_LOGISTICS'] }
const invoices = { partner: SUPPLIER, operation: 'Invoices', systems: ['WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'] }
const LINES = [
  line(0, { ...enquiry, decision: 'LIVE', origin: 'SYSTEM' }),
  line(1, { ...enquiry, decision: 'CACHED', origin: 'SYSTEM' }),
  line(2, { ...enquiry, decision: 'CACHED', origin: 'SYSTEM' }),
  line(3, { ...enquiry, decision: 'LEFT', origin: null }),
  line(4, { ...invoices, decision: 'LAST_KNOWN_GOOD', lastKnownGood: ['WHOLESALE_FINANCE'] }),
  line(5, {
    ...invoices,
    decision: 'LIVE',
    codes: ['SYSTEM_NOT_OPEN'],
    refused: [{ system: 'WHOLESALE_FINANCE', code: 'SYSTEM_NOT_OPEN', state: 'SUSPENDED' }],
  }),
  line(6, { ...invoices, decision: 'REFUSED', codes: ['RATE_LIMITED'] }),
  line(7, { decision: 'REFUSED', codes: ['UNAUTHENTICATED'] }),
  line(8, { partner: RETAILER, decision: 'LIVE', stream: 'BEGAN' }),
  line(9, { partner: RETAILER, decision: 'LIVE', stream: 'ENDED' }),
]

function fill(): void {
  writeFileSync(join(directory, 'access-0-20251007T090000000Z.jsonl'), LINES.slice(0, 4).join(''))
  writeFileSync(join(directory, 'access-0-20251007T090400000Z.jsonl.gz'), gzipSync(LINES.slice(4).join('')))
  writeFileSync(join(directory, 'notes.txt'), 'no log')
}

test('says who read what, and how each partner was answered of each system', async () => {
  fill()
  const { code, stdout, stderr } = await report(directory)
  expect([code, stderr]).toEqual([0, `Read 2 files of ${directory}.\n`])
  expect(stdout).toBe(`9 requests, 2025-10-07 09:00Z to 2025-10-07 09:08Z

PARTNER           OPERATION  COUNT  LAST               SYSTEMS READ
BPNL00000R000121  Enquiry    3      2025-10-07 09:02Z  PARTS_LOGISTICS
BPNL00000R000121  –          1      2025-10-07 09:08Z  –
BPNL00000S000042  Invoices   2      2025-10-07 09:05Z  WHOLESALE_FINANCE, PRODUCTION_SCHEDULE

PARTNER           SYSTEM               LIVE  CACHED  LAST KNOWN  LEFT  REFUSED
BPNL00000R000121  PARTS_LOGISTICS      1     2       0           1     0
BPNL00000R000121  –                    1     0       0           0     0
BPNL00000S000042  PRODUCTION_SCHEDULE  2     0       0           0     1 RATE_LIMITED
BPNL00000S000042  WHOLESALE_FINANCE    0     0       1           0     1 SYSTEM_NOT_OPEN SUSPENDED, 1 RATE_LIMITED
–                 –                    0     0       0           0     1 UNAUTHENTICATED
`)
})

test('says the same to machines, of one partner and of a part of the time', async () => {
  fill()
  const { stdout } = await report(
    directory,
    ...['--partner', RETAILER, '--from', '2025-10-07T09:01:00Z', '--to', '2025-10-07T11:03:00+02:00', '--json'],
  )
  expect(JSON.parse(stdout)).toEqual({
    requests: 2,
    firstAt: '2025-10-07T09:01:00.000Z',
    lastAt: '2025-10-07T09:02:00.000Z',
    reads: [{ ...enquiry, count: 2, lastAt: '2025-10-07T09:02:00.000Z' }],
    answers: [
      { partner: RETAILER, system: 'PARTS_LOGISTICS', live: 0, cached: 2, lastKnownGood: 0, left: 0, refused: [] },
    ],
    gaps: { count: 0, missing: 0, first: [] },
    badLines: { count: 0, first: [] },
  })
})

test('a file counts once where its compressed copy stands beside it, whole or not, and however both are named', async () => {
  fill()
  const { stdout: once } = await report(directory)
  const file = join(directory, 'access-0-20251007T090000000Z.jsonl')
  const copy = `${file}.gz`
  for (const bytes of [gzipSync(LINES.slice(0, 4).join('')), gzipSync(LINES.join('')).subarray(0, 30)]) {
    writeFileSync(copy, bytes)
    const stderr = `Read 2 files of ${directory}`
    expect(await report(directory)).toEqual({ code: 0, stdout: once, stderr: `${stderr}.\n` })
    expect(await report(directory, file, copy)).toEqual({
      code: 0,
      stdout: once,
      stderr: `${stderr}, ${file}, ${copy}.\n`,
    })
  }
})

test('reads the directory of a deployment, of whose secrets and other settings none has to be there', async () => {
  fill()
  const config = fileURLToPath(new URL('../../deploy/recovery-gateway.yaml', import.meta.url))
  const io = createRecordedIo({ LOGS_DIRECTORY: directory })
  expect(await runReport(['--config', config], io)).toBe(0)
  expect(io.written).toEqual({
    stdout: expect.stringMatching(/^9 requests,/),
    stderr: `Read 2 files of ${directory}.\n`,
  })
})

test('a configuration whose access log is wrong, or that keeps none in files, is refused', async () => {
  const config = join(directory, 'gateway.yaml')
  writeFileSync(config, `accessLog: { directory: access, maxFiles: 1 }\nsharedStore:\n  url: \${NOWHERE}\n`)
  expect(await report('--config', config)).toEqual({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/^.*gateway\.yaml: accessLog\.maxFiles: .*\n$/),
  })
  writeFileSync(config, 'sites: sites.yaml\n')
  expect(await report('--config', config)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('has no section accessLog; name the files of the access log'),
  })
})

test('lines of the log on standard error count as those of files, and its others are left out', async () => {
  const file = join(directory, 'stderr.log')
  const request = JSON.parse(LINES[0] ?? '')
  writeFileSync(
    file,
    [
      { ...request, level: 'info', message: 'request' },
      { ...request, level: 'info', message: 'ready' },
    ]
      .map(each => `${JSON.stringify(each)}\n`)
      .join(''),
  )
  expect(await report(file)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^1 request,/) })
})

describe('what is missing or bad', () => {
  test('is named by file and line, and the rest is reported', async () => {
    const file = join(directory, 'bad.jsonl')
    const bad = [
      'no JSON\n',
      '[]\n',
      '{"time":"2025-10-07T09:00:00Z"}\n',
      '{"time":"never"}\n',
      line(1, { decision: 'MAYBE' }),
      line(1, { decision: 'LIVE', systems: 'PARTS_LOGISTICS' }),
      line(1, { decision: 'LIVE', refused: [null] }),
      `"${'x'.repeat(300_000)}"\n`,
      '\u0000\ufffd\n',
    ]
    writeFileSync(file, `${bad.join('')}${LINES[0]}${LINES[1]?.slice(0, 40)}`)
    const { code, stdout, stderr } = await report(file, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      requests: 1,
      badLines: { count: 10, first: [...bad.map((_, index) => index + 1), 11].map(line => ({ file, line })) },
    })
    expect(stderr).toContain(`10 lines are not of an access log, or not whole:\n  ${file} line 1\n`)
  })

  test('of a damaged archive, the lines before the damage count', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) =>
      line(index % 60, { ...enquiry, decision: 'LIVE', index }),
    )
    const whole = gzipSync(lines.join(''))
    const file = join(directory, 'cut.jsonl.gz')
    writeFileSync(file, whole.subarray(0, whole.length / 2))
    const { code, stdout } = await report(file, '--json')
    const { requests, badLines } = JSON.parse(stdout)
    expect([code, badLines]).toEqual([1, { count: 1, first: [{ file, line: requests + 1 }] }])
    expect(requests).toBeGreaterThan(1_000)
  })

  test('is told of lines that could not be written', async () => {
    const file = join(directory, 'gap.jsonl')
    writeFileSync(
      file,
      `{"time":"2025-10-07T09:10:00.000Z","gap":{"since":"2025-10-07T09:05:00.000Z","missing":7}}\n${LINES[0]}`,
    )
    const { code, stderr } = await report(file)
    expect(code).toBe(1)
    expect(stderr).toBe(
      'Lines could not be written 1 time; nothing was answered meanwhile:\n  7 from 2025-10-07 09:05Z to 2025-10-07 09:10Z\n',
    )
  })
})

test.each([
  [['--to', '2025-10-07T09:00:00Z', '--from', '2025-10-07T09:00:00Z'], 2, '--to must be later than --from'],
  [['--from', 'yesterday'], 2, '--from yesterday: must be a time'],
  [['--nobody'], 2, 'there is no option --nobody'],
  [['nowhere.jsonl'], 3, 'nowhere.jsonl: cannot be read: there is no such file'],
])('%j is refused', async (args, expected, said) => {
  const { code, stdout, stderr } = await report(...args)
  expect([code, stdout]).toEqual([expected, ''])
  expect(stderr).toContain(said)
})

test('a directory without a log is refused rather than reported as one without requests', async () => {
  expect(await report(directory)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('has no file of an access log'),
  })
})

test('names that would act on a terminal are shown as their codes', async () => {
  const file = join(directory, 'names.jsonl')
  writeFileSync(file, line(0, { ...enquiry, operation: '\u001b[2J\u202e', decision: 'LIVE' }))
  const { stdout } = await report(file)
  expect(stdout).toContain('\\u{1b}[2J\\u{202e}')
})

test('beyond a bound, rows are added up as one', () => {
  const tally = createTally(2)
  for (let number = 0; number < 10; number++)
    tally.add({
      timeMs: number,
      partner: RETAILER,
      operation: `Operation${number}`,
      systems: [],
      decision: 'LIVE',
      codes: [],
      refused: [],
      lastKnownGood: [],
    })
  expect(tally.reads()).toMatchObject([{ partner: OTHERS, operation: OTHERS, count: 8, lastMs: 9 }, {}, {}])
})
