import { readFile } from 'node:fs/promises'
import { acceptanceText, type EntryContent, hashEntry, NO_ENTRY } from '../../../src/recovery/journal/entry.ts'
import { seal } from '../../../src/recovery/journal/seal.ts'
import type { JournalRow } from '../../../src/recovery/journal/store.ts'
import { type KeyRing, parseKeyRing } from '../../../src/recovery/statements/key-ring.ts'
import { readStatement } from '../../../src/recovery/statements/read.ts'
import { signStatement } from '../../../src/recovery/statements/sign.ts'
import type { Signatory, SignatoryRole } from '../../../src/recovery/statements/signatory.ts'
import { createSigningKey, parseSigningKey, type SigningKey } from '../../../src/recovery/statements/signing-key.ts'
import type { Statement } from '../../../src/recovery/statements/statement-kinds.ts'

/** A journal to try things with: keys, statements that are really signed, and rows that are really sealed. */

type Algorithm = SigningKey['algorithm']

export interface SampleKey {
  readonly key: SigningKey
  /** As the key file has it. */
  readonly pinned: Readonly<Record<string, unknown>>
  readonly signatory: Signatory
}

export async function createSampleKey(role: SignatoryRole, algorithm: Algorithm = 'EdDSA'): Promise<SampleKey> {
  const { privateJwk, publicJwk } = await createSigningKey(algorithm)
  const name = `The ${role.toLowerCase().replaceAll('_', ' ')}`
  return {
    key: await parseSigningKey(privateJwk, 'sample'),
    pinned: { ...publicJwk, role, name },
    signatory: { keyId: publicJwk.kid, role, name },
  }
}

export function ringOf(...keys: readonly Pick<SampleKey, 'pinned'>[]): KeyRing {
  return parseKeyRing({ keys: keys.map(({ pinned }) => pinned) }, 'sample')
}

export interface SampleKeys {
  readonly gateway: SampleKey
  readonly herald: SampleKey
  readonly keys: KeyRing
}

export async function createSampleKeys(algorithm: Algorithm = 'EdDSA'): Promise<SampleKeys> {
  const gateway = await createSampleKey('GATEWAY', algorithm)
  const herald = await createSampleKey('COMMUNICATIONS_LEAD')
  return { gateway, herald, keys: ringOf(gateway, herald) }
}

export const START_MS = Date.parse('2025-09-02T06:00:00.000Z')

/** An update for partners; each has a `jti` of its own. */
export async function sampleStatement({ key, signatory }: SampleKey, title: string): Promise<Statement> {
  const token = await signStatement({
    key,
    audience: 'urn:restart-gateway',
    incident: 'INC-2025-0901',
    kind: 'restart-update',
    claims: {
      sub: 'urn:restart-update:2025-09-02',
      published_at: '2025-09-02T06:00:00Z',
      title,
      body: 'Parts logistics is being restored.',
    },
    issuedAtMs: START_MS,
    lifetimeSeconds: 3_600,
  })
  return readStatement(token, signatory)
}

/** The row that the gateway would write for a statement after another row. */
export function rowAfter(before: JournalRow | null, statement: Statement, { key }: SampleKey): JournalRow {
  const sequence = (before?.sequence ?? 0) + 1
  return sealed(
    {
      sequence,
      recordedAt: new Date(START_MS + sequence * 1_000).toISOString(),
      statementId: statement.id,
      statement: statement.token,
      acceptance: acceptanceText({ signedBy: statement.signedBy, guards: [] }),
      previousHash: before?.hash ?? NO_ENTRY,
    },
    key,
  )
}

/** A row with the hash and the seal that its content asks for. */
export function sealed(content: EntryContent, key: SigningKey): JournalRow {
  const { sequence, recordedAt, statementId, statement, acceptance, previousHash } = content
  const hashed = { sequence, recordedAt, statementId, statement, acceptance, previousHash }
  const hash = hashEntry(hashed)
  return { ...hashed, hash, seal: seal(hash, key) }
}

export async function sampleRows(count: number, { gateway, herald }: SampleKeys): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = []
  for (let number = 1; number <= count; number += 1)
    rows.push(rowAfter(rows.at(-1) ?? null, await sampleStatement(herald, `Update ${number}`), gateway))
  return rows
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items
}

/** The whole lines of a file; none where it is not there yet. */
export async function linesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').slice(0, -1)
}
