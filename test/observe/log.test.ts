import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createLog, type LogLevel } from '../../src/observe/log.ts'

function logTo(level: LogLevel = 'debug') {
  const lines: string[] = []
  return { lines, log: createLog({ level, destination: { write: line => lines.push(line) } }) }
}

test('a line is one JSON object with time, level, message and fields, a child adding its own', () => {
  const { lines, log } = logTo()
  log.child({ system: 'PARTS_LOGISTICS' }).warn({ rows: 2 }, 'rows dropped')
  expect(JSON.parse(lines.join(''))).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    system: 'PARTS_LOGISTICS',
    rows: 2,
    message: 'rows dropped',
  })
})

test('a prepared line is like any other, with the fields of its log, and written from the level info on', () => {
  const { lines, log } = logTo('info')
  log.child({ worker: 2, level: 'x' }).child({}).prepared('"status":200,"route":null', 'request')
  expect(JSON.parse(lines.join(''))).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    worker: 2,
    _level: 'x',
    status: 200,
    route: null,
    message: 'request',
  })
  const quiet = logTo('warn')
  quiet.log.prepared('"status":200', 'request')
  expect([lines.length, quiet.lines]).toEqual([1, []])
})

test('what is below the level is not written', () => {
  const { lines, log } = logTo('warn')
  log.debug({}, 'a')
  log.info({}, 'b')
  log.warn({}, 'c')
  log.error({}, 'd')
  expect(lines.map(line => JSON.parse(line).message)).toEqual(['c', 'd'])
})

test('no text makes a second line, a second member of a known name or a control sequence', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\n{"level":"error"}', '\r\n', '\u2028', '\u009b31m', '\u001b[2J', '","level":"error', '%s%d%j%%'),
  )
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, value, message) => {
      const { lines, log } = logTo()
      log.info({ [name]: value, level: value, time: value, message: value }, message)
      expect(lines).toHaveLength(1)
      const [line = ''] = lines
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what may not be there
      expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*\n$/)
      for (const known of ['level', 'time', 'message']) expect(line.split(`"${known}":`)).toHaveLength(2)
      expect(JSON.parse(line).level).toBe('info')
    }),
    { numRuns: 300 },
  )
})

test('an error is logged with its chain and without the secrets in it', () => {
  const { lines, log } = logTo()
  const error = new Error('read failed', { cause: new Error('postgres://reader:hunter2@db/parts is away') })
  log.error({ error: Object.assign(error, { headers: { authorization: 'hunter2' } }) }, 'password=hunter2')
  expect(lines.join('')).not.toContain('hunter2')
  expect(JSON.parse(lines.join('')).error).toMatchObject({
    type: 'Error',
    message: 'read failed',
    cause: { message: 'postgres://[redacted]@db/parts is away' },
  })
})
