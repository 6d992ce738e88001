import { expect, test } from '@jest/globals'
import { postgresSchema } from '../../src/config/postgres-schema.ts'

const VALID = { kind: 'postgres', connectionString: 'postgres://reader:s3cret@db.example/parts', schema: 'parts' }

const problemsOf = (changes: object): readonly string[] =>
  (postgresSchema('/etc/gateway').safeParse({ ...VALID, ...changes }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )

test('relations may come from a schema, from SELECTs, or from both', () => {
  const relations = { part: { select: 'SELECT * FROM erp.part' } }
  for (const changes of [{}, { relations }, { schema: undefined, freshness: 'SELECT now()', relations }])
    expect(problemsOf(changes)).toEqual([])
})

test('the time of the data comes from somewhere', () => {
  expect(problemsOf({ schema: undefined })).toEqual([expect.stringMatching(/^: must have schema or freshness/)])
})

test.each(['DELETE FROM erp.part', 'SELECT 1; SELECT 2', 'EXPLAIN SELECT 1', '(ANALYZE) SELECT 1', ''])(
  'the text %j is no SELECT',
  select => {
    const told = 'must be one SELECT without a semicolon'
    expect(problemsOf({ freshness: select })).toEqual([`freshness: ${told}`])
    expect(problemsOf({ relations: { part: { select } } })).toEqual([`relations.part.select: ${told}`])
  },
)

test('a connection string has no word on TLS, but that there is none where there is none', () => {
  const { connectionString } = VALID
  const told = [expect.stringMatching(/^connectionString: must have no parameter for TLS; .*tls: \{\}/)]
  for (const tls of [undefined, {}]) {
    expect(problemsOf({ tls })).toEqual([])
    for (const parameter of ['sslmode=require', 'sslmode=no-verify', 'application_name=x&ssl=true', 'sslcert=/x.pem'])
      expect(problemsOf({ tls, connectionString: `${connectionString}?${parameter}` })).toEqual(told)
  }
  const disabled = `${connectionString}?sslmode=disable`
  expect(problemsOf({ connectionString: disabled })).toEqual([])
  expect(problemsOf({ connectionString: disabled, tls: {} })).toEqual(told)
})
