import { type EntryContent, hashEntry, NO_ENTRY } from '../../../src/recovery/journal/entry.ts'
import { seal } from '../../../src/recovery/journal/seal.ts'
import type { JournalRow } from '../../../src/recovery/journal/store.ts'
import type { SigningKey } from '../../../src/recovery/statements/signing-key.ts'
import { sealed } from './sample.ts'

/** What a superuser of the database can do to a journal, each as SQL or as the rows that are to stand there instead. */
export interface TamperingTools {
  readonly rows: readonly JournalRow[]
  /** From 0 to below 1; the same for the same seed. */
  readonly random: () => number
  /** Keys that the superuser has: one of his own, and that of a signatory whose role is another. */
  readonly forgers: readonly SigningKey[]
  /** Key identifier of the gateway, to be claimed. */
  readonly gatewayKeyId: string
}

export interface Tampering {
  readonly what: string
  /** Sequences whose rows go. */
  readonly remove: readonly number[]
  readonly add: readonly JournalRow[]
  /** Entries before this are as they were. */
  readonly from: number
}

type Maker = (tools: TamperingTools) => Tampering

const COLUMNS = ['recordedAt', 'statementId', 'statement', 'acceptance', 'previousHash', 'hash', 'seal'] as const

const MAKERS: readonly Maker[] = [
  tools => {
    const row = anyRow(tools)
    const column = pick(tools, COLUMNS)
    const at = Math.floor(tools.random() * row[column].length)
    const digit = row[column][at] === '7' ? '8' : '7'
    const text = row[column].slice(0, at) + digit + row[column].slice(at + 1)
    return replacing(`edit ${column}`, [{ ...row, [column]: text }])
  },
  tools => {
    const row = anyRow(tools)
    const at = new Date(Date.parse(row.recordedAt) - 1).toISOString()
    return replacing('edit the time and recompute the hash', [rehashed({ ...row, recordedAt: at })])
  },
  tools => {
    const { sequence } = anyRow(tools)
    return { what: 'delete', remove: [sequence], add: [], from: sequence }
  },
  tools => {
    const { sequence } = anyRow(tools)
    const forged = forge(tools, { ...anyRow(tools), sequence, previousHash: before(tools, sequence) })
    const shifted = tools.rows.slice(sequence - 1).map(row => ({ ...row, sequence: row.sequence + 1 }))
    return replacing('insert and move the rest', relinked(forged, shifted))
  },
  tools => {
    const [one, two] = [anyRow(tools), anyRow(tools)]
    const other = one === two ? rowAt(tools, (one.sequence % tools.rows.length) + 1) : two
    return replacing('swap two', [
      { ...one, sequence: other.sequence },
      { ...other, sequence: one.sequence },
    ])
  },
  tools => {
    const keep = tools.rows.length - 1 - Math.floor(tools.random() * Math.min(tools.rows.length, 50))
    return { what: 'cut the tail', remove: sequences(keep + 1, tools.rows.length), add: [], from: keep + 1 }
  },
  tools => {
    const keep = Math.floor(tools.random() * tools.rows.length)
    const forged = rewritten(tools, keep + 1, content => forge(tools, content))
    return replacing('rewrite, with recomputed hashes and forged seals', forged)
  },
  tools => {
    const keep = Math.floor(tools.random() * tools.rows.length)
    return replacing('rewrite, with recomputed hashes', rewritten(tools, keep + 1, rehashed))
  },
  tools => {
    const row = anyRow(tools)
    return { what: 'duplicate', remove: [], add: [row], from: row.sequence }
  },
  tools => {
    const copy = rehashed({
      ...anyRow(tools),
      sequence: tools.rows.length + 1,
      previousHash: before(tools, tools.rows.length + 1),
    })
    return { what: 'append a copy', remove: [], add: [copy], from: copy.sequence }
  },
  tools => {
    const row = anyRow(tools)
    return replacing('seal again with another key', [forge(tools, row)])
  },
]

/** The tampering of this number; numbers go round all kinds. */
export function tamperingOf(number: number, tools: TamperingTools): Tampering {
  const maker = MAKERS[number % MAKERS.length]
  if (!maker) throw new Error('no tampering')
  return maker(tools)
}

/** A generator of numbers from 0 to below 1 that gives the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pick = <T>({ random }: TamperingTools, list: readonly T[]): T => {
  const item = list[Math.floor(random() * list.length)]
  if (item === undefined) throw new Error('an empty list')
  return item
}

const anyRow = (tools: TamperingTools): JournalRow => pick(tools, tools.rows)

function rowAt({ rows }: TamperingTools, sequence: number): JournalRow {
  const row = rows[sequence - 1]
  if (!row) throw new Error(`no row ${sequence}`)
  return row
}

const before = ({ rows }: TamperingTools, sequence: number): string => rows[sequence - 2]?.hash ?? NO_ENTRY

const sequences = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)

const replacing = (what: string, rows: readonly JournalRow[]): Tampering => ({
  what,
  remove: rows.map(({ sequence }) => sequence),
  add: rows,
  from: Math.min(...rows.map(({ sequence }) => sequence)),
})

/** With its own seal, which does not fit any more. */
const rehashed = (row: JournalRow): JournalRow => ({ ...row, hash: hashEntry(row) })

/** Sealed with a key of the superuser's, under its own name or the gateway's. */
function forge(tools: TamperingTools, content: EntryContent): JournalRow {
  const key = pick(tools, tools.forgers)
  const row = sealed(content, key)
  const [, signature] = seal(row.hash, key).split('.')
  return tools.random() < 0.5 ? row : { ...row, seal: `${tools.gatewayKeyId}.${signature}` }
}

/** The rows from a sequence on, the first of them saying something else, each after the one before. */
function rewritten(
  tools: TamperingTools,
  from: number,
  remake: (row: JournalRow) => JournalRow,
): readonly JournalRow[] {
  const first = rowAt(tools, from)
  const said = remake({ ...first, acceptance: first.acceptance.replace('lead', 'LEAD') })
  return relinked(said, tools.rows.slice(from), remake)
}

function relinked(first: JournalRow, rest: readonly JournalRow[], remake = rehashed): readonly JournalRow[] {
  const rows = [first]
  for (const row of rest) rows.push(remake({ ...row, previousHash: rows.at(-1)?.hash ?? NO_ENTRY }))
  return rows
}
