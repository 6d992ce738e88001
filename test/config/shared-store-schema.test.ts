import { describe, expect, test } from '@jest/globals'
import { sharedStoreSchema } from '../../src/config/shared-store-schema.ts'

const schema = sharedStoreSchema('/etc/recovery-gateway')
const problems = (settings: object) => schema.safeParse(settings).error?.issues.map(({ message }) => message)

describe('the URL of the shared store', () => {
  test.each([
    'rediss://user:pass@store.example:6379',
    'redis://localhost',
    'redis://127.0.0.1:6379',
    'redis://user:pass@[::1]:6379',
  ])('may be %s', url => expect(problems({ url })).toBeUndefined())

  test.each([
    'redis://user:s3cret@store.example:6379',
    'redis://10.1.2.3',
    'redis://localhost.example',
    'redis://127.0.0.1.example',
    'redis://127.0.0.1@store.example',
    'redis://[fe80::1]',
  ])('may not be %s, which would carry credentials and records in the clear', url => {
    const [problem = ''] = problems({ url }) ?? []
    expect(problem).toContain('must be rediss://')
    expect(problem).not.toContain('s3cret')
  })
})
