import { stringify } from 'yaml'
import { systemClock } from '../../model/clock.ts'
import { ConfigError } from '../../model/operator-file.ts'
import { parseClaims } from '../../recovery/statements/claims.ts'
import type { KindName } from '../../recovery/statements/statement-kinds.ts'
import type { AdminClient } from '../admin-client.ts'
import { type Outcome, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { printable } from '../printable.ts'
import { minute } from '../wording.ts'
import { handIn } from './answers.ts'
import type { Signer } from './signer.ts'
import type { SigningRequest } from './signing-request.ts'

/**
 * The course of everything that people sign: checked, shown, asked, signed and, where it is to be, handed in. All
 * commands that sign take it; what a person says yes to is what is signed.
 */
export interface Draft {
  readonly kind: KindName
  /** As they are written, the subject included; not checked yet. */
  readonly claims: Readonly<Record<string, unknown>>
  /** For messages: the option or the place in a file that a claim comes from, by its path; empty: the whole. */
  readonly placeOf: (claim: string) => string
}

/** Claims that stand in a file just as they are signed. */
export function placesIn(source: string): Draft['placeOf'] {
  return claim => (claim === '' ? source : `${source}: ${claim}`)
}

/** Refuses early what could only end without an answer. Throws `UsageError`. */
export function assertAskable({ yes, dryRun }: SigningRequest, { ask }: CommandIo): void {
  if (!yes && !dryRun && ask === undefined)
    throw new UsageError('there is no terminal, so nobody can be asked: give --yes, or look with --dry-run')
}

export interface Submission {
  readonly draft: Draft
  readonly signer: Signer
  readonly request: SigningRequest
  readonly admin: AdminClient
}

/** Signs and submits, or only looks what would happen in a dry run. */
export async function askAndSubmit({ draft, signer, request, admin }: Submission, io: CommandIo): Promise<Outcome> {
  const token = await askAndSign({ draft, signer, request, question: 'Sign and submit?' }, io)
  if (token === null) return 'refused'
  return handIn(token, { ...request, admin }, io)
}

export interface Signing extends Omit<Submission, 'admin'> {
  readonly question: string
}

/** The signed statement; null: the person said no. Shows and asks on standard error. */
export async function askAndSign({ draft, signer, request, question }: Signing, io: CommandIo): Promise<string | null> {
  assertAskable(request, io)
  const { kind } = draft
  const claims = checkedClaims(draft)
  const issuedAtMs = systemClock.now()
  const lifetimeSeconds = request.lifetimeSeconds ?? signer.usualLifetimeSeconds(kind)
  const expiresAt = minute(new Date(issuedAtMs + lifetimeSeconds * 1_000).toISOString())
  io.stderr(`${draftText(kind, claims, signer, expiresAt)}\n`)
  if (!request.yes && !request.dryRun && !(await io.ask?.(`${question} [y/N] `))) {
    io.stderr('Nothing was signed.\n')
    return null
  }
  return signer.sign({ kind, claims, issuedAtMs, lifetimeSeconds })
}

/** Throws `UsageError` where options alone are wrong, and `ConfigError` where a file is. */
function checkedClaims({ kind, claims, placeOf }: Draft) {
  try {
    return parseClaims(kind, claims, kind)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    const problems = thrown.problems.map(problem => {
      const [, path = '', text = problem] = /^[^:]*: (?:([\w-]+(?:[.[][^:]*)?): )?(.*)$/s.exec(problem) ?? []
      return `${placeOf(path)}: ${text}`
    })
    if (problems.every(problem => problem.startsWith('--')))
      throw new UsageError(problems.join('\n'), { cause: thrown })
    throw new ConfigError(problems, { cause: thrown })
  }
}

function draftText(kind: KindName, claims: object, { holder }: Signer, expiresAt: string): string {
  const { sub, ...rest } = { sub: '', ...claims }
  const facts = [
    `Statement    ${kind}`,
    `About        ${sub}`,
    `Signed by    ${holder.name} (${holder.role}), key ${holder.keyId}`,
    `Valid until  ${expiresAt}`,
  ]
  return `${printable(facts.join('\n'))}\n\n${claimsText(rest)}`
}

/** Claims as people read them: YAML, indented. */
export function claimsText(claims: object): string {
  return printable(stringify(claims, { lineWidth: 0 })).replace(/^(?=.)/gm, '  ')
}
