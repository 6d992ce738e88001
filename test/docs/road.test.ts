import { beforeAll, describe, expect, test } from '@jest/globals'
import { ERRORS } from '../../src/model/errors.ts'
import { projectPaths, readText, tableIn } from './project.ts'

describe('docs/road.md', () => {
  let page: string
  beforeAll(async () => {
    page = await readText('docs/road.md')
  })

  test('shows the import table that the architecture test holds, as far as it is built', async () => {
    const test = await readText('test/architecture/imports.test.ts')
    const [, table = ''] = /ROWS[^=]*= \[\n([\s\S]*?)\n\]/.exec(test) ?? []
    const paths = new Set(await projectPaths())
    const held = table
      .split('\n')
      .map(row => [...row.matchAll(/'([^']+)'/g)].map(match => match[1] ?? '').filter(name => paths.has(name)))
    const [, shown = ''] = /```text\n([\s\S]*?)\n```/.exec(page) ?? []
    expect(held.length).toBeGreaterThan(5)
    expect(shown.split('\n').map(row => row.split(' · '))).toEqual(held)
  })

  test('counts its steps and gives every error code an exit', () => {
    const steps = tableIn(page, '#', 'step', 'file', 'leaves the road with')
    expect(steps.map(([number]) => Number(number))).toEqual(steps.map((_, index) => index + 1))
    const exits = new Set(steps.flatMap(([, , , exit]) => exit?.match(/[A-Z]+(?:_[A-Z]+)*/g) ?? []))
    expect([...exits].toSorted()).toEqual(Object.keys(ERRORS).toSorted())
  })

  test('names the file of each step as one that throws what leaves there', async () => {
    // What a library throws for a step, and `error-format.ts` lets through.
    const protocols = new Set([
      'GRAPHQL_PARSE_FAILED',
      'PERSISTED_QUERY_NOT_FOUND',
      'OPERATION_RESOLUTION_FAILURE',
      'BAD_REQUEST',
    ])
    for (const [number, , files, exit] of tableIn(page, '#', 'step', 'file', 'leaves the road with')) {
      const paths = [...(files ?? '').matchAll(/[\w/.-]+\.ts/g)].map(match => match[0])
      const code = (await Promise.all(paths.map(readText))).join('\n')
      const missing = (exit?.match(/[A-Z]+(?:_[A-Z]+)+/g) ?? []).filter(
        name => paths.length > 0 && !code.includes(name) && !protocols.has(name) && !HANDED_ON.has(`${number} ${name}`),
      )
      expect([number, missing]).toEqual([number, []])
    }
  })
})

/** Thrown by what the step's files call: Fastify's parser, the gate, the system that reads. */
const HANDED_ON = new Set([
  '8 PAYLOAD_TOO_LARGE',
  '18 SYSTEM_NOT_OPEN',
  '18 SYSTEM_UNAVAILABLE',
  '20 SYSTEM_UNAVAILABLE',
  '21 SYSTEM_DATA_INVALID',
  '22 SYSTEM_NOT_OPEN',
  '22 SYSTEM_UNAVAILABLE',
])
