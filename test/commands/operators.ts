import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSampleKeys } from '../../demo/sample-keys.ts'
import type { CommandIo } from '../../src/commands/command-io.ts'
import { runCommand } from '../../src/commands/command-line.ts'
import { embeddedGatewayKeyFile, embeddedKeyRingFile, embeddedOperatorKeyFile } from '../../src/config/embedded.ts'
import type { AttestationView, DeadWebhookView, WebhookView } from '../../src/http/admin/api.ts'
import { createAdminServer } from '../../src/http/admin/listener.ts'
import type { OperatorPort } from '../../src/http/admin/port.ts'
import { createOperatorPort, type RestartForOperators } from '../../src/http/admin/views.ts'
import { systemClock } from '../../src/model/clock.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Desk } from '../../src/recovery/desk/desk.ts'
import { signCheckpoint } from '../../src/recovery/journal/checkpoint.ts'
import { acceptanceText, NO_ENTRY } from '../../src/recovery/journal/entry.ts'
import { createMerkleTree } from '../../src/recovery/journal/merkle.ts'
import type { JournalRow } from '../../src/recovery/journal/store.ts'
import type { GuardResult } from '../../src/recovery/lifecycle/guard-result.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { type KeyRing, readKeyRing } from '../../src/recovery/statements/key-ring.ts'
import type { StatementRefusal } from '../../src/recovery/statements/refusal.ts'
import { signStatement } from '../../src/recovery/statements/sign.ts'
import type { SignatoryRole } from '../../src/recovery/statements/signatory.ts'
import { readSigningKey } from '../../src/recovery/statements/signing-key.ts'
import type { KindName, Statement } from '../../src/recovery/statements/statement-kinds.ts'
import { createStatementVerifier } from '../../src/recovery/statements/verify.ts'
import type { Attestation } from '../../src/recovery/system-state.ts'
import type { TestAnswer } from '../../src/webhooks/webhooks.ts'
import { sealed } from '../recovery/journal/sample.ts'
import { AUDIENCE, INCIDENT, POLICY, sampleClaims } from '../recovery/statements/sample.ts'
import { declaredState } from '../support/declared-recovery.ts'
import { watched } from '../support/watched-logs.ts'
import { createRecordedIo } from './recorded-io.ts'

/**
 * Operators at work: the real admin listener on a port, real sample keys and a configuration in a directory, and a desk
 * that verifies for real, seals what it accepts and otherwise says what a test wants it to.
 */
export interface Operators {
  readonly directory: string
  readonly config: string
  readonly url: string
  readonly keys: KeyRing
  /** What the test lets the gateway say and know. */
  readonly script: Script
  /** Accepted so far, as the journal has it. */
  readonly rows: JournalRow[]
  keyFile(role: SignatoryRole): string
  /** Runs a command against this listener and configuration; nobody sits at the terminal unless `rest` says who. */
  run(args: readonly string[], rest?: Partial<CommandIo>): Promise<Run>
  /** Puts a statement into the journal as if it had been accepted earlier. */
  accept(role: SignatoryRole, kind: KindName, claims?: Readonly<Record<string, unknown>>): Promise<Statement>
  checkpoint(): Promise<string>
  close(): Promise<void>
}

export interface Script {
  state: RecoveryState
  refusal: StatementRefusal | null
  guards: readonly GuardResult[]
  impact: Awaited<ReturnType<OperatorPort['impact']>>
  /** Of parts logistics. */
  attestations: readonly (Pick<Attestation, 'id' | 'signedBy' | 'issuedAt' | 'expiresAt' | 'intrusionRevision'> &
    Pick<AttestationView, 'standing'>)[]
  webhooks: readonly WebhookView[]
  deadWebhooks: readonly DeadWebhookView[]
  webhookTest: TestAnswer
}

export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const GUARDS: readonly GuardResult[] = [
  { guard: 'TWO_ATTESTATIONS', outcome: 'PASSED', reason: 'two count: forensics lead, system owner', code: 'RC.RP-05' },
  { guard: 'CANARY_PARTNERS', outcome: 'MISSING', reason: 'the transition names no waves', code: null },
]

export async function startOperators(): Promise<Operators> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-operators-'))
  const config = join(directory, 'embedded.yaml')
  await writeFile(config, EMBEDDED_CONFIGURATION)
  await makeSampleKeys(directory)
  const keys = await readKeyRing(embeddedKeyRingFile(directory), null)
  const gatewayKey = await readSigningKey(embeddedGatewayKeyFile(directory))
  const verifier = createStatementVerifier({ keys, audience: AUDIENCE, incident: INCIDENT, policy: POLICY })
  const script: Script = {
    state: declaredState({
      PARTS_LOGISTICS: { lifecycle: 'VERIFIED' },
      WHOLESALE_FINANCE: { lifecycle: 'LIMITED_OPEN', waves: [1] },
    }),
    refusal: null,
    guards: [],
    impact: { systems: [], partners: [], operations: [] },
    attestations: [],
    webhooks: [],
    deadWebhooks: [],
    webhookTest: { kind: 'queued' },
  }
  const rows: JournalRow[] = []

  function append(statement: Statement, guards: readonly GuardResult[]): JournalRow {
    const before = rows.at(-1)
    const row = sealed(
      {
        sequence: rows.length + 1,
        recordedAt: new Date(systemClock.now()).toISOString(),
        statementId: statement.id,
        statement: statement.token,
        acceptance: acceptanceText({ signedBy: statement.signedBy, guards }),
        previousHash: before?.hash ?? NO_ENTRY,
      },
      gatewayKey,
    )
    rows.push(row)
    return row
  }

  async function judged(token: string): Promise<Statement> {
    const statement = await verifier.verify(token, systemClock.now())
    if (script.refusal !== null) throw script.refusal
    return statement
  }

  const desk: Desk = {
    async submit(token) {
      const statement = await judged(token)
      const { sequence, recordedAt } = append(statement, script.guards)
      return { sequence, recordedAt, statement, guards: script.guards }
    },
    async preview(token) {
      const { state } = script
      const refusal = await judged(token).then(
        () => null,
        (thrown: unknown) => thrown as StatementRefusal,
      )
      return { refusal, guards: refusal?.guards ?? script.guards, before: state, after: state }
    },
    async check(system, to) {
      const { lifecycle: from } = script.state.systems[system]
      return { system, from, to: to ?? 'LIMITED_OPEN', guards: script.guards }
    },
  }

  async function checkpoint(): Promise<string> {
    const tree = createMerkleTree()
    for (const row of rows) tree.append(Buffer.from(row.hash, 'hex'))
    const [journal = '', head = ''] = [rows[0]?.hash, rows.at(-1)?.hash]
    return signCheckpoint(
      { journal, size: rows.length, root: tree.root(), head, at: new Date().toISOString() },
      gatewayKey,
    )
  }

  const operator = createOperatorPort({
    restart: {
      recovery: { current: () => ({ state: script.state, epochs: EPOCHS }) },
      desk,
      rows: async (after, limit) => rows.slice(after, after + limit),
      checkpoint: async () => (rows.length === 0 ? null : checkpoint()),
      health: () => ({ condition: 'FOLLOWED', sequence: rows.length, lastReadAt: null, problem: null }),
      attestations: system =>
        (system === 'PARTS_LOGISTICS' ? script.attestations : []) as ReturnType<RestartForOperators['attestations']>,
      evidenceUntil: system => (system === 'PARTS_LOGISTICS' ? '2025-10-09T08:00:00.000Z' : null),
    },
    healthOf: () => ({ asOf: '2025-10-08T05:00:00.000Z', failure: null, warning: null }),
    impact: async () => script.impact,
    webhooks: {
      views: async () => script.webhooks,
      dead: async () => script.deadWebhooks,
      async retry(endpoint, id) {
        if (!script.webhooks.some(webhook => webhook.id === endpoint)) return null
        return script.deadWebhooks.filter(dead => dead.endpoint === endpoint && (id === null || dead.id === id)).length
      },
      test: async endpoint => (script.webhooks.some(webhook => webhook.id === endpoint) ? script.webhookTest : null),
    },
  })
  const log = createLog({ level: 'error', destination: watched(() => {}) })
  const server = createAdminServer({ log, readiness: async () => ({ ready: true }), metrics: () => '', operator })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const keyFile = (role: SignatoryRole) => embeddedOperatorKeyFile(directory, role)

  return {
    directory,
    config,
    url,
    keys,
    script,
    rows,
    keyFile,
    checkpoint,
    async run(args, rest = {}) {
      const io = createRecordedIo({ ADMIN_URL: url }, rest)
      const configured = TAKES_CONFIG.test(args.join(' ')) && !args.includes('--config') ? ['--config', config] : []
      return { code: await runCommand([...args, ...configured], io), ...io.written }
    },
    async accept(role, kind, claims = {}) {
      const token = await signStatement({
        key: await readSigningKey(keyFile(role)),
        audience: AUDIENCE,
        incident: INCIDENT,
        kind,
        claims: sampleClaims(kind, claims),
        issuedAtMs: systemClock.now(),
        lifetimeSeconds: 3_600,
      })
      const statement = await verifier.verify(token, systemClock.now())
      append(statement, [])
      return statement
    },
    async close() {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Claims of a statement that a test looks at. */
export function claimsOf(row: JournalRow | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(row?.statement.split('.')[1] ?? '', 'base64url').toString())
}

const TAKES_CONFIG =
  /^(system (?!check|attestations)|partner (?!list)|update |statement (?!submit)|keys withdraw|journal verify(?!.*--keys))/

const EPOCHS = { PARTS_LOGISTICS: '', WHOLESALE_FINANCE: '', PRODUCTION_SCHEDULE: '' }

const EMBEDDED_CONFIGURATION = `
identity: { issuer: 'https://issuer.example', audience: 'https://gateway.example', algorithms: [ES256] }
sites: sites.yaml
systems:
  PARTS_LOGISTICS: { connector: { kind: embedded-postgres, schema: parts_logistics } }
  WHOLESALE_FINANCE: { connector: { kind: extracts, directory: finance } }
  PRODUCTION_SCHEDULE: { connector: { kind: extracts, directory: schedule } }
recovery:
  incident: ${INCIDENT}
  audience: ${AUDIENCE}
  journal: { kind: embedded }
embedded: { directory: . }
`
