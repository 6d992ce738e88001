import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { DEFECTS } from './all.ts'

/** The table of seeded defects, held to the code: what does not fit any more would find nothing. */

const ROOT = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFile(join(ROOT, file), 'utf8')

describe.each(DEFECTS)('$is', ({ file, original, mistaken, caughtBy }) => {
  test('stands once in the code, and is a change', async () => {
    const code = await read(file)
    expect(code.split(original)).toHaveLength(2)
    expect(mistaken).not.toBe(original)
  })

  test('has the test that must find it', async () => {
    expect(await read(caughtBy.suite)).toContain(caughtBy.test)
  })
})
