import { stringify } from 'yaml'
import { EVIDENCE_KINDS } from '../../model/code-lists.ts'
import { SYSTEM_NAMES, type SystemKey, systemSlug } from '../../model/system.ts'
import { acceptedOf } from '../../recovery/journal/entry.ts'
import type { JournalRow } from '../../recovery/journal/store.ts'
import type { TransitionClaims } from '../../recovery/statements/kinds/lifecycle-transition.ts'
import type { SignatoryRole } from '../../recovery/statements/signatory.ts'
import { systemUrn } from '../../recovery/statements/vocabulary.ts'
import { RELATIONS } from '../../systems/relations/all.ts'
import type { AdminClient } from '../admin-client.ts'

/**
 * Claims of an attestation to complete: what the gateway knows of intrusion, backup and restore is filled in; what only
 * the attester can know stands there as comments. Called by `system attest --draft`. As it is printed nobody can sign it.
 */
export async function draftAttestation(system: SystemKey, role: SignatoryRole, admin: AdminClient): Promise<string> {
  const { intrusion } = await admin.status()
  const restored = await lastRestore(system, admin)
  const known = {
    intrusion: intrusion && { earliest_at: intrusion.earliestIntrusionAt, revision: intrusion.revision },
    backup: restored.backup,
    restore: restored.restore && { ...restored.restore, environment: restored.environment },
  }
  return `# What ${role} attests of ${SYSTEM_NAMES[system]}. Compare what is filled in with what you know, choose checks, count, and sign:
#   recovery-gateway system attest ${systemSlug(system)} --claims FILE
${lacking(known)}${stringify(Object.fromEntries(Object.entries(known).filter(([, value]) => value)), { lineWidth: 0 })}
# What you have checked yourself, and when it was; also what FAILED. Digests of the records may go with them:
#   evidence: { sha256: … }
checks:
${EVIDENCE_KINDS.map(kind => `#  - { kind: ${kind}, outcome: PASSED, at: ${TIME} }`).join('\n')}

# What you have counted, from the system itself and not through the gateway, which is held against it. Sums are exact
# decimals; a tolerance of 0.01 lets the gateway measure one in a hundred more or less.
totals: # {} where you have not counted
${RELATIONS[system].map(({ name, sums }) => totalsLine(name, sums)).join('\n')}
`
}

const TIME = '2025-10-06T08:00:00Z'

interface Restored {
  readonly backup: object | null
  readonly environment: string | null
  readonly restore: object | null
}

const NOTHING: Restored = { backup: null, environment: null, restore: null }

/** What the last restore began and ended with, by the steps in the journal. */
async function lastRestore(system: SystemKey, admin: AdminClient): Promise<Restored> {
  let found = NOTHING
  for await (const row of admin.journal(0)) {
    const step = stepIn(row)
    if (step !== null && step.sub === systemUrn(system)) found = after(found, step)
  }
  return found
}

function after(before: Restored, step: TransitionClaims): Restored {
  switch (step.to) {
    case 'ISOLATED':
      return NOTHING
    case 'RESTORING': {
      const { indicators_dated_at: _, ...backup } = step.backup ?? {}
      return { backup: step.backup ? backup : null, environment: step.environment?.id ?? null, restore: null }
    }
    case 'QUARANTINED': {
      if (step.restore === undefined) return before
      const { completed_at, manifest } = step.restore
      return { ...before, restore: { completed_at, manifest } }
    }
    default:
      return before
  }
}

/** Null: the entry is no step, or cannot be read. */
function stepIn(row: JournalRow): TransitionClaims | null {
  try {
    const { statement } = acceptedOf(row)
    return statement.kind === 'lifecycle-transition' ? statement.claims : null
  } catch {
    return null
  }
}

function lacking(known: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(known).filter(name => !known[name])
  return names.length > 0 ? `# Not in the journal yet, so for you to give: ${names.join(', ')}.\n` : ''
}

function totalsLine(relation: string, sums: readonly string[]): string {
  const columns = sums.map(column => `${column}: "…"`).join(', ')
  return `#  ${relation}: { rows: …${columns === '' ? '' : `, sums: { ${columns} }`}, tolerance: 0 }`
}
