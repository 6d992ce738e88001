import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { fileFailure, readFailure } from '../../src/model/file-failure.ts'

test('why a file cannot be read is said in words, and of what nobody foresaw nothing but that', async () => {
  const refused = await readFile(`${import.meta.filename}/none`).catch((thrown: unknown) => thrown)
  expect(readFailure(refused)).toBe('a part of its path is no directory')
  expect(fileFailure('read', new RangeError('s3cret'))).toBeNull()
  for (const thrown of [new RangeError('s3cret'), 's3cret', null])
    expect(readFailure(thrown)).toBe('it could not be told why')
})
