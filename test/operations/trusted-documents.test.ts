import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { TrustMode } from '../../src/config/trusted-documents-schema.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { parseManifest } from '../../src/operations/manifests/manifest.ts'
import { createTrustedDocuments } from '../../src/operations/trusted-documents.ts'
import { inspectDocument } from '../../src/operations/trusted-documents-inspection.ts'
import { watched } from '../support/watched-logs.ts'
import { LIMITS, refusalOf, schemaOf } from './planning.ts'

const schema = schemaOf(`
  type Query { stock: Int owed: Int }
  type Subscription { changes: Int @requiresScopes(scopes: [["restart:read"]]) @partition(by: []) }`)
const planOptions = { schema, declarations: readDeclarations(schema), limits: LIMITS }

const STOCK = 'query Stock { stock }'
const OWED = 'query Owed { owed }'
const BOTH = '{ stock owed }'
const CHANGES = 'subscription Changes { changes }'
const idOf = (text: string) => createHash('sha256').update(text).digest('hex')

const viewer = (bpnl: string): Viewer => ({
  partner: { bpnl, name: bpnl, roles: ['RETAILER'], sites: [], wave: null },
  clientId: bpnl,
  scopes: new Set(),
  epoch: '1',
  operationCostLimit: 1,
  costPerMinute: 1,
})
const [a, b] = [viewer('BPNL00000000000A'), viewer('BPNL00000000000B')]

interface Given {
  readonly mode?: TrustMode
  readonly partners?: Readonly<Record<string, TrustMode>>
  /** Each a map from ids to texts, for all or for a partner. */
  readonly manifests?: readonly { readonly of?: Viewer; readonly map: Readonly<Record<string, string>> }[]
}

function trust({ mode = 'enforce', partners = {}, manifests = [] }: Given) {
  const lines: Record<string, unknown>[] = []
  const counters = createCounters()
  const trusted = createTrustedDocuments({
    settings: { mode, partners },
    manifests: manifests.map(({ of, map }, index) => ({
      file: `${index}.json`,
      partners: of === undefined ? null : [of.partner.bpnl],
      entries: parseManifest(JSON.stringify(map), `${index}.json`),
    })),
    inspect: text => inspectDocument(planOptions, text),
    counters,
    log: createLog({ level: 'warn', destination: watched(line => lines.push(JSON.parse(line))) }),
  })
  const count = (name: string, outcome?: string) =>
    counters
      .snapshot()
      .filter(series => series.name === name && (outcome === undefined || series.labels.outcome === outcome))
      .reduce((sum, { value }) => sum + value, 0)
  const asks = (text: string, who: Viewer) => () => trusted.assertTrusted(idOf(text), who)
  return { ...trusted, lines, count, asks }
}

describe('a document is found', () => {
  const { textOf } = trust({
    manifests: [
      { map: { stock: STOCK, shared: BOTH } },
      { of: a, map: { [`sha256:${idOf(OWED)}`]: OWED, shared: STOCK } },
    ],
  })

  test('by its id and by the SHA-256 of its text, with the prefix or without', () => {
    for (const id of ['stock', idOf(STOCK), `sha256:${idOf(STOCK)}`]) expect([id, textOf(id, b)]).toEqual([id, STOCK])
    for (const id of [idOf(OWED), `sha256:${idOf(OWED)}`]) expect([id, textOf(id, a)]).toEqual([id, OWED])
  })

  test('by those alone whom its manifest is for', () => {
    expect(textOf(idOf(OWED), b)).toBeNull()
  })

  test('among those of the partner before those for all', () => {
    expect([textOf('shared', a), textOf('shared', b)]).toEqual([STOCK, BOTH])
  })

  test('by no other word', () => {
    for (const id of ['', 'sha256:', 'Stock', '__proto__', 'constructor', idOf(STOCK).toUpperCase()])
      expect([id, textOf(id, a)]).toEqual([id, null])
  })
})

describe('under enforce', () => {
  const manifests = [{ map: { stock: STOCK } }, { of: a, map: { owed: OWED, changes: CHANGES } }]

  test('only trusted documents pass, whose they are and however they came', () => {
    const { asks, count } = trust({ manifests })
    for (const allowed of [asks(STOCK, a), asks(STOCK, b), asks(OWED, a), asks(CHANGES, a)])
      expect(allowed).not.toThrow()
    for (const refused of [
      asks(OWED, b),
      asks(CHANGES, b),
      asks(BOTH, a),
      asks(`${STOCK} `, a),
      asks('{ __typename }', b),
    ])
      expect(refusalOf(refused)).toMatchObject({ code: 'DOCUMENT_NOT_TRUSTED', httpStatus: 403, retryable: false })
    expect(count('untrusted_documents', 'refused')).toBe(5)
    expect(refusalOf(asks(BOTH, a)).details).toEqual({ documentId: idOf(BOTH) })
  })

  test('an id of a manifest makes no text trusted whose SHA-256 it looks like', () => {
    const { asks, textOf } = trust({ manifests: [{ map: { [idOf(BOTH)]: STOCK } }] })
    expect(textOf(idOf(BOTH), a)).toBe(STOCK)
    expect(asks(BOTH, a)).toThrow()
    expect(asks(STOCK, a)).not.toThrow()
  })

  test('without a manifest nothing passes', () => {
    expect(trust({}).asks(STOCK, a)).toThrow()
  })
})

describe('the mode of a partner', () => {
  test('counts before that of all', () => {
    const strict = trust({ mode: 'off', partners: { [a.partner.bpnl]: 'enforce' } })
    expect(strict.asks(STOCK, a)).toThrow()
    expect(strict.asks(STOCK, b)).not.toThrow()
    const lax = trust({ mode: 'enforce', partners: { [a.partner.bpnl]: 'off' } })
    expect(lax.asks(STOCK, a)).not.toThrow()
    expect(lax.asks(STOCK, b)).toThrow()
  })

  test('is that of all where the partner has but a manifest of its own', () => {
    const { asks } = trust({ mode: 'enforce', manifests: [{ of: a, map: { owed: OWED } }] })
    expect(asks(STOCK, a)).toThrow()
  })

  test('off says, counts and reports nothing, and finds documents by their ids', () => {
    const { asks, lines, count, textOf } = trust({ mode: 'off', manifests: [{ map: { stock: STOCK } }] })
    expect(asks(BOTH, a)).not.toThrow()
    expect([lines, count('untrusted_documents')]).toEqual([[], 0])
    expect(textOf('stock', a)).toBe(STOCK)
  })
})

describe('under audit', () => {
  test('every untrusted document passes and counts, and is reported once for each partner', () => {
    const { asks, lines, count } = trust({ mode: 'audit', manifests: [{ map: { stock: STOCK } }] })
    for (const who of [a, a, b]) for (const text of [STOCK, OWED, BOTH]) expect(asks(text, who)).not.toThrow()
    expect(count('untrusted_documents', 'audited')).toBe(6)
    const reported = [a, b].flatMap(({ partner }) => [OWED, BOTH].map(text => [partner.bpnl, idOf(text)]))
    expect(lines.map(({ partner, documentId }) => [partner, documentId])).toEqual(reported)
  })

  test('a partner that makes documents up does not fill the log, nor keeps others from being reported', () => {
    const { asks, lines, count } = trust({ mode: 'audit' })
    for (let index = 0; index < 500; index += 1) asks(`query Q${index} { stock }`, a)()
    asks(BOTH, b)()
    const of = (who: Viewer) => lines.filter(({ partner }) => partner === who.partner.bpnl)
    expect([of(a).length, of(b).length]).toEqual([51, 1])
    expect(of(a).at(-1)).toMatchObject({ documents: 50 })
    expect(count('untrusted_documents', 'audited')).toBe(501)
  })
})

describe('a document that cannot be asked', () => {
  const broken = {
    syntax: '{ stock',
    outgrown: '{ gone }',
    fragment: 'fragment F on Query { stock }',
    write: 'mutation { stock }',
  }
  const mixed = 'query A { stock } query B { gone }'

  test('is not trusted, counted and reported, while all others are', () => {
    const { asks, textOf, lines, count, documents } = trust({
      manifests: [{ map: { ...broken, mixed, stock: STOCK } }],
    })
    for (const [id, text] of Object.entries({ ...broken, mixed })) {
      expect([id, textOf(id, a), textOf(idOf(text), a)]).toEqual([id, null, null])
      expect(asks(text, a)).toThrow()
    }
    expect(asks(STOCK, a)).not.toThrow()
    expect(documents.map(({ text }) => text)).toEqual([STOCK])
    expect(count('unusable_trusted_documents')).toBe(5)
    expect(lines).toMatchObject([...Object.keys(broken), 'mixed'].map(id => ({ file: '0.json', id })))
    expect(lines[1]?.reason).toMatch(/^Cannot query field "gone"/)
  })

  test('is reported for each manifest that has it', () => {
    const { lines } = trust({ manifests: [{ map: { x: '{ gone }' } }, { of: a, map: { y: '{ gone }' } }] })
    expect(lines.map(({ file, id }) => [file, id])).toEqual([
      ['0.json', 'x'],
      ['1.json', 'y'],
    ])
  })
})

test('each text is one document with the names of its operations and all its places', () => {
  const several = 'query A { stock } query B { owed }'
  const { documents } = trust({ manifests: [{ map: { s: several, both: BOTH } }, { of: a, map: { again: several } }] })
  expect(documents).toEqual([
    {
      documentId: idOf(several),
      text: several,
      operationNames: ['A', 'B'],
      sources: [
        { file: '0.json', id: 's', partners: null },
        { file: '1.json', id: 'again', partners: [a.partner.bpnl] },
      ],
    },
    {
      documentId: idOf(BOTH),
      text: BOTH,
      operationNames: [null],
      sources: [{ file: '0.json', id: 'both', partners: null }],
    },
  ])
})

describe('one id means one text:', () => {
  const manifestsOf =
    (...maps: NonNullable<Given['manifests']>) =>
    () =>
      trust({ manifests: maps })

  test('another one for the same readers is refused, naming both places', () => {
    expect(manifestsOf({ map: { x: STOCK } }, { map: { x: OWED } })).toThrow(
      /^1\.json: x: its id names another document at 0\.json: x; give each an id of its own$/,
    )
    expect(manifestsOf({ of: a, map: { x: STOCK } }, { of: a, map: { x: OWED } })).toThrow(/^1\.json: x:/)
    // With the prefix or without, they would be asked by the same words.
    expect(manifestsOf({ map: { [idOf(STOCK)]: OWED } }, { map: { [`sha256:${idOf(STOCK)}`]: STOCK } })).toThrow(
      /names another/,
    )
  })

  test('the SHA-256 of a trusted text is an id of that text alone', () => {
    expect(manifestsOf({ map: { s: STOCK, [idOf(STOCK)]: OWED } })).toThrow(/names another document/)
  })

  test('the same text under it again, and other readers’ texts, are no contradiction', () => {
    expect(manifestsOf({ map: { x: STOCK } }, { map: { x: STOCK } })).not.toThrow()
    expect(manifestsOf({ map: { x: STOCK } }, { of: a, map: { x: OWED } }, { of: b, map: { x: BOTH } })).not.toThrow()
  })

  test('an id that says it is a SHA-256 is that of its text', () => {
    expect(manifestsOf({ map: { [`sha256:${idOf(STOCK)}`]: OWED } })).toThrow(
      /its id is not the SHA-256 of its document/,
    )
  })
})
