import { expect, test } from '@jest/globals'
import { ERRORS } from '../../src/model/errors.ts'
import { readText, tableIn } from './project.ts'

test('docs/errors.md has every code of the registry and no other, with its status and whether a retry helps', async () => {
  const rows = tableIn(
    await readText('docs/errors.md'),
    'code',
    'status',
    'retry',
    'what it means',
    'what the client does',
  )
  expect(rows.map(([code, status, retry]) => [code, Number(status), retry])).toEqual(
    Object.entries(ERRORS).map(([code, { httpStatus, retryable }]) => [code, httpStatus, retryable ? 'yes' : 'no']),
  )
  for (const [code, , , meaning, remedy] of rows) expect([code, meaning, remedy]).not.toContain('')
})
