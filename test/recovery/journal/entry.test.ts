import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { acceptedOf, type EntryContent, hashEntry } from '../../../src/recovery/journal/entry.ts'
import { createSealCheck, seal } from '../../../src/recovery/journal/seal.ts'
import { createSampleKey, createSampleKeys, ringOf, rowAfter, sampleStatement } from './sample.ts'

/** Any text, ill-formed text and text like length prefixes included. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\ud800', '\ufffd', '1', ':', '\0') }),
)
const content: fc.Arbitrary<EntryContent> = fc.record({
  sequence: fc.nat(),
  recordedAt: text,
  statementId: text,
  statement: text,
  acceptance: text,
  previousHash: text,
})
const FIELDS = ['recordedAt', 'statementId', 'statement', 'acceptance', 'previousHash'] as const

describe('the hash of an entry', () => {
  test('is of 64 hexadecimal digits and different for different contents, whatever they are', () => {
    fc.assert(
      fc.property(content, content, (a, b) => {
        expect(hashEntry(a)).toMatch(/^[0-9a-f]{64}$/)
        const isEqual = a.sequence === b.sequence && FIELDS.every(field => a[field] === b[field])
        expect(hashEntry(a) === hashEntry({ ...b })).toBe(isEqual)
      }),
    )
  })

  test('does not change with where one field ends and the next begins', () => {
    fc.assert(
      fc.property(content, fc.integer({ min: 0, max: FIELDS.length - 2 }), (before, at) => {
        const [here = 'recordedAt', next = 'statementId'] = FIELDS.slice(at)
        fc.pre(before[here] !== '')
        const moved = { ...before, [here]: before[here].slice(0, -1), [next]: before[here].slice(-1) + before[next] }
        expect(hashEntry(moved)).not.toBe(hashEntry(before))
      }),
    )
  })
})

describe.each(['EdDSA', 'ES256'] as const)('a seal by a key for %s', algorithm => {
  test('holds for the hash that it was made for, and for no other', async () => {
    const sample = await createSampleKeys(algorithm)
    const check = createSealCheck(sample.keys)
    const row = rowAfter(null, await sampleStatement(sample.herald, 'Update'), sample.gateway)
    expect(check(row)).toBeNull()
    expect(check({ ...row, hash: row.hash.replace(/.$/, digit => (digit === '0' ? '1' : '0')) })).toBe(
      'its seal does not hold',
    )
  })

  test('counts in one spelling only, though others verify', async () => {
    const { gateway, keys } = await createSampleKeys(algorithm)
    const check = createSealCheck(keys)
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    for (let number = 0; number < 20; number += 1) {
      const entry = { hash: String(number).padStart(64, '0'), recordedAt: '2025-09-02T06:00:00.000Z' }
      const good = seal(entry.hash, gateway.key)
      expect(check({ ...entry, seal: good })).toBeNull()
      const [keyId, signature = ''] = good.split('.')
      const bytes = Buffer.from(signature, 'base64url')
      const twin = Buffer.from(bytes)
      const s = BigInt(`0x${bytes.toString('hex', 32)}`)
      twin.write((order - (s % order)).toString(16).padStart(64, '0'), 32, 'hex')
      const others = [
        `${good}=`,
        `${good}.`,
        `${good} `,
        `${keyId}.${twin.toString('base64url')}`,
        `${keyId}.`,
        `${keyId}`,
        '',
      ]
      for (const other of others) expect(check({ ...entry, seal: other })).not.toBeNull()
    }
  })

  test('by a key that is unknown, another signatory’s or withdrawn says so', async () => {
    const gateway = await createSampleKey('GATEWAY', algorithm)
    const lead = await createSampleKey('RECOVERY_LEAD', algorithm)
    const withdrawn = { pinned: { ...gateway.pinned, withdrawn_at: '2025-09-02T06:00:00Z' } }
    const before = { hash: 'a'.repeat(64), recordedAt: '2025-09-02T05:59:59.999Z' }
    const after = { ...before, recordedAt: '2025-09-02T06:00:00.000Z' }
    const by = ({ key }: typeof gateway) => seal(before.hash, key)
    expect(createSealCheck(ringOf(lead))({ ...before, seal: by(gateway) })).toMatch(/not in the key file/)
    expect(createSealCheck(ringOf(lead))({ ...before, seal: by(lead) })).toMatch(/RECOVERY_LEAD/)
    expect(createSealCheck(ringOf(withdrawn))({ ...before, seal: by(gateway) })).toBeNull()
    expect(createSealCheck(ringOf(withdrawn))({ ...after, seal: by(gateway) })).toMatch(/withdrawn at 2025-09-02/)
  })
})

describe('a stored entry', () => {
  test('reads back as the statement that was accepted, with its signatory and guards', async () => {
    const { herald, gateway } = await createSampleKeys()
    const statement = await sampleStatement(herald, 'Update')
    const row = rowAfter(null, statement, gateway)
    expect(acceptedOf(row)).toEqual({ sequence: 1, hash: row.hash, recordedAt: row.recordedAt, statement, guards: [] })
  })

  test('that notes another statement, another signatory or no acceptance is not read', async () => {
    const { herald, gateway } = await createSampleKeys()
    const row = rowAfter(null, await sampleStatement(herald, 'Update'), gateway)
    const other = await sampleStatement(herald, 'Other')
    expect(() => acceptedOf({ ...row, statementId: other.id })).toThrow(`its statement is ${row.statementId}`)
    expect(() => acceptedOf({ ...row, acceptance: '{}' })).toThrow('has not the form of such a note')
    const swapped = row.acceptance.replace(herald.signatory.keyId, gateway.signatory.keyId)
    expect(() => acceptedOf({ ...row, acceptance: swapped })).toThrow('it is signed with the key')
  })
})
