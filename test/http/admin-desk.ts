import type { FastifyInstance } from 'fastify'
import { createAdminServer } from '../../src/http/admin/listener.ts'
import type { OperatorPort } from '../../src/http/admin/port.ts'
import { createOperatorPort, type OperatorPortOptions } from '../../src/http/admin/views.ts'
import type { SystemKey } from '../../src/model/system.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Desk, Preview, Receipt } from '../../src/recovery/desk/desk.ts'
import type { JournalRow } from '../../src/recovery/journal/store.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { declaredState } from '../support/declared-recovery.ts'
import { watched } from '../support/watched-logs.ts'

/** An admin listener over a desk whose answers a test sets, and which keeps what it was asked. */

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Has the form of a statement; what it is worth, the desk of the test says. */
export const TOKEN = [
  encode({ alg: 'EdDSA', typ: 'indicator-report+jwt', kid: 'k' }),
  encode({ jti: '1' }),
  'c2ln',
].join('.')

export const GUARD = {
  guard: 'TWO_ATTESTATIONS',
  outcome: 'MISSING',
  reason: 'There are none.',
  code: 'RC.RP-05',
} as const

const STATEMENT_ID = '4a7e5f0e-9d54-4d3c-8b73-0d4a4e6c2f11'

export const RECEIPT: Receipt = {
  sequence: 7,
  recordedAt: '2025-10-07T09:00:00.000Z',
  guards: [],
  statement: {
    kind: 'revocation',
    id: STATEMENT_ID,
    token: TOKEN,
    digest: 'd'.repeat(64),
    issuedAt: '2025-10-07T09:00:00.000Z',
    expiresAt: '2025-10-07T10:00:00.000Z',
    notBefore: null,
    signedBy: { keyId: 'k', role: 'FORENSICS_LEAD', name: 'F. Lead' },
    claims: { sub: `urn:statement:${STATEMENT_ID}`, reason: 'It was signed in error.' },
  },
}

export const STATE: RecoveryState = declaredState(
  { WHOLESALE_FINANCE: { lifecycle: 'LIMITED_OPEN', waves: [1] } },
  {
    partners: new Map([
      [
        'BPNL00000000RT01',
        {
          epoch: '1',
          grantedAt: '2025-10-01T08:00:00.000Z',
          entry: {
            bpnl: 'BPNL00000000RT01',
            name: 'Retailer',
            roles: ['RETAILER'],
            scopes: ['parts:read'],
            sites: ['BPNS00000000PD01'],
            wave: 1,
            clients: ['retailer-dms'],
            tokenBinding: 'NONE',
            disabled: false,
            limits: null,
          },
        },
      ],
    ]),
  },
)

export const row = (sequence: number): JournalRow => ({
  sequence,
  recordedAt: '2025-10-07T09:00:00.000Z',
  statementId: STATEMENT_ID,
  statement: TOKEN,
  acceptance: '{}',
  previousHash: '0'.repeat(64),
  hash: 'a'.repeat(64),
  seal: 'seal',
})

export interface AdminUnderTest {
  readonly app: FastifyInstance
  /** What the desk and the journal were asked, in order. */
  readonly asked: readonly (readonly unknown[])[]
  /** Every log line so far. */
  readonly lines: readonly Record<string, unknown>[]
}

export interface Answers {
  readonly submit?: () => Promise<Receipt>
  readonly preview?: () => Promise<Preview>
  /** Awaited before a check is answered. */
  readonly check?: () => Promise<void>
  readonly rows?: readonly JournalRow[]
  readonly impact?: OperatorPort['impact']
  readonly restart?: Partial<OperatorPortOptions['restart']>
  readonly healthOf?: OperatorPortOptions['healthOf']
  readonly webhooks?: OperatorPort['webhooks']
  readonly host?: string
}

export function startAdmin(answers: Answers = {}): AdminUnderTest {
  const { submit, preview, check, rows = [], impact, restart, healthOf, webhooks = null, host } = answers
  const asked: unknown[][] = []
  const lines: Record<string, unknown>[] = []
  const log = createLog({
    level: 'info',
    destination: watched(line => void lines.push(JSON.parse(line) as Record<string, unknown>)),
  })
  const desk: Desk = {
    submit(token) {
      asked.push(['submit', token])
      return submit?.() ?? Promise.resolve(RECEIPT)
    },
    preview(token) {
      asked.push(['preview', token])
      return preview?.() ?? Promise.resolve({ refusal: null, guards: [], before: STATE, after: STATE })
    },
    async check(system: SystemKey, to) {
      asked.push(['check', system, to])
      await check?.()
      return { system, from: 'QUARANTINED', to: to ?? 'VERIFIED', guards: [GUARD] }
    },
  }
  const operator = createOperatorPort({
    restart: {
      recovery: {
        current: () => ({
          state: STATE,
          epochs: { PARTS_LOGISTICS: '', WHOLESALE_FINANCE: '', PRODUCTION_SCHEDULE: '' },
        }),
      },
      desk,
      async rows(after, limit) {
        asked.push(['rows', after, limit])
        return rows.filter(({ sequence }) => sequence > after).slice(0, limit)
      },
      checkpoint: async () => 'a.b.c',
      health: () => ({ condition: 'FOLLOWED', sequence: 7, lastReadAt: null, problem: null }),
      attestations: () => [],
      evidenceUntil: () => null,
      ...restart,
    },
    healthOf: healthOf ?? (() => ({ asOf: null, failure: null, warning: null })),
    impact: impact ?? (async () => ({ systems: [], partners: [], operations: [] })),
    webhooks,
  })
  const readiness = async () => ({ ready: true })
  const app = createAdminServer({
    log,
    readiness,
    metrics: () => 'up 1\n',
    operator,
    ...(host !== undefined && { host }),
  })
  return { app, asked, lines }
}
