import { appendFile, cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { generationOf } from '../../src/config/generation.ts'
import type { Config } from '../../src/config/load-config.ts'

const HERE = join(import.meta.dirname, '../..')
const SYSTEMS = { systems: { PARTS_LOGISTICS: { deadlineMs: 1 } } } as unknown as Config
const NO_SITES = new Map()

describe('the generation of records', () => {
  let program: string
  beforeEach(async () => {
    program = await mkdtemp(join(tmpdir(), 'recovery-gateway-program-'))
    for (const part of ['src', 'resolvers', 'schema', 'package.json'])
      await cp(join(HERE, part), join(program, part), { recursive: true })
  })
  afterEach(() => rm(program, { recursive: true, force: true }))

  const generation = () => generationOf(SYSTEMS, NO_SITES, program)

  test('is the same for the same program, wherever it stands', async () => {
    expect(generation()).toBe(generation())
    const elsewhere = `${program}-elsewhere`
    await cp(program, elsewhere, { recursive: true })
    expect(generationOf(SYSTEMS, NO_SITES, elsewhere)).toBe(generation())
    await rm(elsewhere, { recursive: true })
  })

  test.each([
    ['a line of code', () => appendFile(join(program, 'src/systems/gate.ts'), '// mended')],
    ['a resolver', () => appendFile(join(program, 'resolvers/index.ts'), '// mended')],
    ['a directive of the schema', () => appendFile(join(program, 'schema/parts.graphql'), '# @cacheControl')],
    ['a package', () => appendFile(join(program, 'package.json'), ' ')],
    ['a new file', () => writeFile(join(program, 'src/new.ts'), '')],
    ['a name', () => rename(join(program, 'src/app.ts'), join(program, 'src/application.ts'))],
  ])('is another under the same version where %s is', async (_what, change) => {
    const before = generation()
    await change()
    expect(generation()).not.toBe(before)
  })

  test('is another where a mapping is', () => {
    const mended = { systems: { PARTS_LOGISTICS: { deadlineMs: 2 } } } as unknown as Config
    expect(generationOf(mended, NO_SITES, program)).not.toBe(generation())
  })
})
