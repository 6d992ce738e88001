import type { PGlite } from '@electric-sql/pglite'
import type { Clock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import { ConfigError } from '../model/operator-file.ts'
import { createSteadyClock } from '../model/steady-clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Log } from '../observe/log.ts'
import type { Desk } from './desk/desk.ts'
import { createStatementDesk } from './desk/statement-desk.ts'
import { createStatementJudge } from './desk/statement-judge.ts'
import { fold } from './fold/fold.ts'
import { initialSnapshot } from './fold/initial.ts'
import type { Known } from './fold/known.ts'
import { createCheckpointing } from './journal/checkpointing.ts'
import { createEmbeddedJournalStore, EMBEDDED_JOURNAL } from './journal/embedded-store.ts'
import { type Journal, JournalFault } from './journal/journal.ts'
import { openJournal } from './journal/open-journal.ts'
import { createPostgresJournalStore } from './journal/postgres-store.ts'
import type { JournalRow, JournalStore } from './journal/store.ts'
import type { Observation } from './lifecycle/observation.ts'
import type { Rules } from './lifecycle/rules.ts'
import { createClosingFile } from './live/closing-file.ts'
import { createClosingRecord } from './live/closing-record.ts'
import { createFollowing } from './live/following.ts'
import { createGatewaySigner } from './live/gateway-signer.ts'
import type { JournalHealth } from './live/journal-health.ts'
import { createLiveState, type LocalClosing } from './live/live-state.ts'
import { createObservationJudge } from './live/observation-judge.ts'
import { createEvidenceStanding, type EvidenceStanding } from './reading/standing.ts'
import type { Recovery } from './recovery.ts'
import type { RestartSettings } from './settings.ts'
import { readKeyRing } from './statements/key-ring.ts'
import { readSigningKey } from './statements/signing-key.ts'
import { createStatementVerifier } from './statements/verify.ts'

/**
 * The restart as the gateway runs it: the journal followed, the state derived from it, statements taken in, systems
 * closed by themselves. Opened once by the composition root; everything above sees only this.
 */
export interface Restart extends EvidenceStanding {
  readonly recovery: Recovery
  readonly desk: Desk
  /** Entries of the journal as they are stored, with a sequence above `after`. */
  rows(after: number, limit: number): Promise<readonly JournalRow[]>
  /** A signed checkpoint of the whole journal; null: it is empty. */
  checkpoint(): Promise<string | null>
  health(): JournalHealth
  /** Time of the clock of the journal's database less that of this machine, in milliseconds. */
  clockOffsetMs(): Promise<number>
  /** How long entries of the journal have waited for a checkpoint that covers them, in milliseconds. */
  checkpointWaitMs(): number
  /** Is told what was seen of a system, and closes it where that does not agree with what was attested. */
  observed(system: SystemKey, observation: Observation): void
  /** Closes a system at once; no effect on one that is not open. */
  closeSystem(system: SystemKey, closing: LocalClosing): void
  close(): Promise<void>
}

export interface RestartOptions {
  readonly settings: RestartSettings
  /** The embedded database; null where the configuration has none. */
  readonly embedded: (() => Promise<PGlite>) | null
  readonly clock: Clock
  readonly log: Log
  readonly known: Omit<Known, 'systemsOf'>
  readonly examine: (system: SystemKey, relations: readonly string[]) => Promise<Observation>
}

export async function openRestart(options: RestartOptions): Promise<Restart> {
  const { settings, embedded, log, examine } = options
  const { audience, incident, policy } = settings
  const clock = createSteadyClock(options.clock)
  const keys = await readKeyRing(settings.keys.file, settings.keys.sha256)
  const key = await readSigningKey(settings.signingKey)
  const gatewaySigner = createGatewaySigner({ key, keys, audience, incident, clock })
  const rules: Rules = { policy, withdrawalOf: keys.withdrawalOf }

  const store = openStore(settings.journal, (await embedded?.()) ?? null, log)
  await store.prove().catch((thrown: unknown) => {
    throw new ConfigError([`recovery.journal: the journal cannot be used: ${ensureError(thrown).message}`], {
      cause: thrown,
    })
  })
  const journal = await openJournal({ store, key, keys, clock: options.clock, checkpoints: settings.checkpoints, log })
  await assertClock(journal, policy.clockSkewSeconds * 1_000)
  const openedAt = new Date(clock.now()).toISOString()
  const live = createLiveState({ initial: initialSnapshot(incident, openedAt), rules, clock })
  const checkpointing = createCheckpointing({ journal, ...settings.checkpoints, clock, log })
  const following = createFollowing({
    journal,
    pollMs: settings.pollMs,
    silenceMs: policy.journalSilenceSeconds * 1_000,
    clock,
    log,
    onEntries(entries) {
      // Where this machine's clock was set back while nothing ran, the journal knows better.
      clock.notBefore(Math.max(...entries.map(({ recordedAt }) => Date.parse(recordedAt))))
      live.become(fold(live.folded(), entries, rules))
      checkpointing.note()
    },
    onTrouble(trouble) {
      for (const system of SYSTEM_KEYS) live.close(system, trouble)
    },
  })
  const closings = createClosingRecord({
    recovery: live,
    journal,
    following,
    sign: gatewaySigner.signClosing,
    log,
  })
  const verifier = createStatementVerifier({ keys, audience, incident, policy })
  const known: Known = { ...options.known, systemsOf: keyId => keys.find(keyId)?.systems ?? null }
  const statementJudge = createStatementJudge({ recovery: live, rules, clock, known, examine })
  const desk = createStatementDesk({
    recovery: live,
    journal,
    following,
    closings,
    verifier,
    judge: statementJudge,
    clock,
  })
  const closingFile = createClosingFile(`${settings.checkpoints.file}.closings`, log)
  // What cannot be written now is tried again with the next change or the next look; it has been logged.
  const settle = () => {
    void closingFile.keep(live.unrecorded())
    void closings.settle().catch(() => {})
  }
  const { judge } = createObservationJudge({ live, rules, clock })

  // A journal that does not verify keeps everything closed, and is shown to operators; one that is away stops the start.
  await following.catchUp().catch((thrown: unknown) => {
    if (!(thrown instanceof JournalFault)) throw thrown
  })
  for (const { system, ...closing } of await closingFile.read()) live.close(system, closing)
  const unsubscribe = live.onChange(settle)
  const ticking = setInterval(() => {
    live.current()
    settle()
  }, settings.pollMs).unref()
  settle()

  return {
    ...createEvidenceStanding({ recovery: live, rules, clock }),
    recovery: live,
    desk,
    rows: journal.rows,
    checkpoint: journal.checkpoint,
    health: following.health,
    clockOffsetMs: journal.clockOffsetMs,
    checkpointWaitMs: checkpointing.waitingMs,
    observed: judge,
    closeSystem: live.close,
    async close() {
      clearInterval(ticking)
      unsubscribe()
      following.close()
      await closings.settle().catch(() => {})
      await closingFile.keep(live.unrecorded())
      await checkpointing.stop()
      await journal.close()
    },
  }
}

function openStore(journal: RestartSettings['journal'], embedded: PGlite | null, log: Log): JournalStore {
  if (journal.kind === 'postgres') return createPostgresJournalStore({ ...journal, log })
  if (embedded === null) throw new TypeError('the configuration has no embedded database and passed its checks')
  return createEmbeddedJournalStore(embedded, EMBEDDED_JOURNAL)
}

/** What is recorded under a wrong clock stays in the journal for good. */
async function assertClock(journal: Journal, allowedMs: number): Promise<void> {
  const offsetMs = await journal.clockOffsetMs()
  if (Math.abs(offsetMs) <= allowedMs) return
  const off = `${Math.round(Math.abs(offsetMs) / 1_000)} s ${offsetMs > 0 ? 'behind' : 'ahead of'}`
  throw new ConfigError([
    `the clock of this machine is ${off} that of the journal's database; correct it (allowed are ${allowedMs / 1_000} s, recovery.policy.clockSkewSeconds)`,
  ])
}
