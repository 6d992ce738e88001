import type { Clock } from '../src/model/clock.ts'
import { ConfigError } from '../src/model/operator-file.ts'
import type { SystemKey } from '../src/model/system.ts'
import type { Desk } from '../src/recovery/desk/desk.ts'
import type { MeasuredTotals } from '../src/recovery/lifecycle/observation.ts'
import type { RestartSettings } from '../src/recovery/settings.ts'
import { parseClaims } from '../src/recovery/statements/claims.ts'
import { StatementRefusal } from '../src/recovery/statements/refusal.ts'
import { signStatement } from '../src/recovery/statements/sign.ts'
import type { SigningKey } from '../src/recovery/statements/signing-key.ts'
import { systemOf } from '../src/recovery/statements/vocabulary.ts'
import type { OperatorRole } from './sample-keys.ts'
import type { StoryStep } from './story-steps.ts'

/**
 * Tells the story of the embedded default: each of its statements signed with the sample keys and handed in at the desk,
 * like any other. Called by `serve` while the story is not told, and by tests. What the desk refuses ends it.
 */
export interface Telling {
  readonly story: readonly StoryStep[]
  readonly desk: Pick<Desk, 'submit'>
  readonly keys: (role: OperatorRole) => SigningKey
  readonly settings: Pick<RestartSettings, 'audience' | 'incident' | 'policy'>
  readonly clock: Clock
  /** Counts relations of a system through its connector, as an attester does before signing. */
  readonly measure: (
    system: SystemKey,
    relations: readonly string[],
  ) => Promise<Readonly<Record<string, MeasuredTotals>>>
  /** Ids of the statements that stand in the journal already. */
  readonly told: ReadonlySet<string>
  /** Told after each statement how many of all have been made. */
  readonly onProgress?: (done: number, of: number) => void
}

const LIFETIME_SECONDS = 3_600
const REMEDY = 'A story that was changed after it had been told is told anew by starting once with --fresh.'

/** Whether the journal that holds these statements has the story to its end. */
export function isTold(story: readonly StoryStep[], told: ReadonlySet<string>): boolean {
  const last = story.at(-1)
  return last === undefined || told.has(last.id)
}

/** Throws `ConfigError` with the step's name where a statement is refused; those before it stand. */
export async function tellStory(telling: Telling): Promise<void> {
  const { story, desk, told, onProgress } = telling
  for (const [index, step] of story.entries()) {
    if (!told.has(step.id)) {
      const token = await sign(step, telling)
      await desk.submit(token).catch((thrown: unknown) => {
        if (!(thrown instanceof StatementRefusal)) throw thrown
        throw new ConfigError([`${step.name}: refused, ${thrown.code}: ${thrown.message}`, REMEDY], { cause: thrown })
      })
    }
    onProgress?.(index + 1, story.length)
  }
}

async function sign(step: StoryStep, { keys, settings, clock, measure }: Telling): Promise<string> {
  const { id, kind, signedBy, counted } = step
  const attests = kind === 'restore-attestation'
  const claims = attests
    ? { ...step.claims, totals: await measure(systemOf(String(step.claims.sub)), counted) }
    : step.claims
  return signStatement({
    id,
    key: keys(signedBy),
    audience: settings.audience,
    incident: settings.incident,
    kind,
    claims: parseClaims(kind, claims, step.name),
    issuedAtMs: clock.now(),
    lifetimeSeconds: attests ? settings.policy.attestationMaxHours * 3_600 : LIFETIME_SECONDS,
  })
}
