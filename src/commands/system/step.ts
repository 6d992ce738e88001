import type { SystemView } from '../../http/admin/api.ts'
import { ConfigError } from '../../model/operator-file.ts'
import { SYSTEM_NAMES, type SystemKey, type SystemLifecycle, systemSlug } from '../../model/system.ts'
import { isStep } from '../../recovery/lifecycle/steps.ts'
import { systemUrn } from '../../recovery/statements/vocabulary.ts'
import { createAdminClient, systemIn } from '../admin-client.ts'
import { optionFor, readArguments, systemNamed, time, wholeNumber } from '../arguments.ts'
import { type Command, createCommand, type Outcome, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { readMapping } from '../input.ts'
import { askAndSubmit, assertAskable, type Draft, placesIn } from '../signing/ask-and-submit.ts'
import { openSigner } from '../signing/signer.ts'
import { parseSigning, SIGNING, SIGNING_USAGE, type SigningRequest } from '../signing/signing-request.ts'
import { renderTable } from '../table.ts'
import { minute } from '../wording.ts'
import { type Step, usualRole, waysFrom } from './steps.ts'
import { waysOut } from './ways-out.ts'

/** `system open NAME` and its like: a transition, built, shown, signed and submitted in one. */

interface Request extends SigningRequest {
  readonly system: SystemKey
  readonly facts: string | undefined
  readonly waves: readonly number[] | undefined
  /** Claims that options gave. */
  readonly claims: Readonly<Record<string, unknown>>
}

export function createStepCommand(step: Step): Command {
  return createCommand<Request>({
    usage: usageOf(step),
    parse: args => parseRequest(step, args),
    work: (request, io) => takeStep(step, request, io),
  })
}

const OPENING_USAGE = `  --wave N                 a wave of partners that is answered; may be repeated
  --contact TEXT           whom partners ask
  --workaround TEXT        what partners do meanwhile
  --gap-from T             entries from this time…
  --gap-until T            …until this one may be missing
`

const CLOSING_USAGE =
  '  --last-known-good        what was read before may still be given, marked, where its field allows it\n'

const EXTRA_USAGE: Readonly<Record<Step['options'], string>> = {
  none: '',
  opening: OPENING_USAGE,
  closing: CLOSING_USAGE,
  distrust: `  --distrust-since T       nothing read from it at or after this time is served again\n${CLOSING_USAGE}`,
}

function usageOf({ verb, does, options }: Step): string {
  return `usage: recovery-gateway system ${verb} NAME [OPTION…]

${does.replace(/^./, first => first.toUpperCase())}.
Builds the transition, shows it, asks, signs and submits it.

${EXTRA_USAGE[options]}  --reason TEXT            why, for the journal
  --occurred-at T          when the step was taken (RFC 3339), if not now
  --facts FILE|-           everything else that the step must say, in YAML or JSON
${SIGNING_USAGE}`
}

const OPTIONS = {
  facts: { type: 'string' },
  reason: { type: 'string' },
  'occurred-at': { type: 'string' },
  wave: { type: 'string', multiple: true },
  contact: { type: 'string' },
  workaround: { type: 'string' },
  'gap-from': { type: 'string' },
  'gap-until': { type: 'string' },
  'distrust-since': { type: 'string' },
  'last-known-good': { type: 'boolean' },
  ...SIGNING,
} as const

const OPENING = ['wave', 'contact', 'workaround', 'gap-from', 'gap-until'] as const
const CLOSING = ['last-known-good'] as const
const DISTRUST = ['distrust-since', ...CLOSING] as const

/** The options of a step, beside those that every step has. */
const OWN_OPTIONS: Readonly<Record<Step['options'], readonly (keyof typeof OPTIONS)[]>> = {
  none: [],
  opening: OPENING,
  closing: CLOSING,
  distrust: DISTRUST,
}

function parseRequest({ options }: Step, args: readonly string[]): Request | 'help' {
  const read = readArguments(args, OPTIONS, ['NAME'])
  if (read === 'help') return read
  const { values } = read
  const foreign = [...OPENING, ...DISTRUST].filter(name => !OWN_OPTIONS[options].includes(name))
  const wrong = foreign.find(name => values[name] !== undefined)
  if (wrong !== undefined) throw new UsageError(`there is no option --${wrong}`)
  const { reason, contact, workaround, wave, 'gap-from': gapFrom, 'gap-until': gapUntil } = values
  if ((gapFrom === undefined) !== (gapUntil === undefined))
    throw new UsageError('--gap-from and --gap-until belong together')
  const times = {
    occurred_at: values['occurred-at'] && time('--occurred-at', values['occurred-at']),
    distrust_since: values['distrust-since'] && time('--distrust-since', values['distrust-since']),
  }
  const gap =
    gapFrom && gapUntil ? { from: time('--gap-from', gapFrom), until: time('--gap-until', gapUntil) } : undefined
  return {
    ...parseSigning(values),
    system: systemNamed('NAME', read.operands.NAME),
    facts: values.facts,
    waves: wave && [...new Set(wave.map(number => wholeNumber('--wave', number, 1, 99)))].toSorted((a, b) => a - b),
    claims: given({ reason, contact, workaround, gap, ...times, last_known_good: values['last-known-good'] }),
  }
}

function given(claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}

async function takeStep(step: Step, request: Request, io: CommandIo): Promise<Outcome> {
  assertAskable(request, io)
  const { system, waves } = request
  const facts = request.facts === undefined ? null : await factsIn(request.facts, io)
  const admin = createAdminClient(request.admin, io)
  const standing = systemIn(await admin.status(), system)
  const { lifecycle: from, since } = standing
  const to = step.to(from, waves)
  const own = { ...request.claims, ...(waves && { waves }) }
  const claims = { sub: systemUrn(system), from, to, ...facts?.members, ...own }
  if (!leads(standing, to, claims)) {
    io.stderr(
      from === 'SUSPENDED' ? closedAlready(standing, to, io.columns) : deadEnd(system, from, since, to, io.columns),
    )
    // Whoever wants it closed has that.
    return from === 'SUSPENDED' && to === from ? 'done' : 'refused'
  }
  const signer = await openSigner(request, usualRole(to), io)
  const placeOf = placesOf(own, facts?.source ?? `system ${step.verb}`)
  return askAndSubmit({ draft: { kind: 'lifecycle-transition', claims, placeOf }, signer, request, admin }, io)
}

/** A suspended system is suspended again only by who distrusts what it gave, and since when, or where that is still given. */
function leads({ lifecycle: from, suspension }: SystemView, to: SystemLifecycle, claims: object): boolean {
  if (from !== 'SUSPENDED' || to !== 'SUSPENDED') return isStep(from, to)
  return suspension?.lastKnownGood === true || 'distrust_since' in claims
}

function deadEnd(system: SystemKey, from: SystemLifecycle, since: string, to: SystemLifecycle, width?: number): string {
  const rows = waysFrom(from).map(([verb, target]) => [`system ${verb} ${systemSlug(system)}`, target])
  const ways = renderTable({ columns: ['what leads on', 'to'], rows }, width)
  const name = SYSTEM_NAMES[system]
  return from === to
    ? `${name} is ${from} already, since ${minute(since)}.\n\n${ways}`
    : `${name} is ${from} since ${minute(since)}: there is no step from ${from} to ${to}.\n\n${ways}`
}

/** What leads on depends on why it is suspended. */
function closedAlready(standing: SystemView, to: SystemLifecycle, width?: number): string {
  const { key, name } = standing
  const what =
    to === 'SUSPENDED'
      ? `${name} is closed already. What distrusts what it gave: system suspend ${systemSlug(key)} --distrust-since T`
      : `${name} is SUSPENDED: there is no step from there to ${to}.`
  return `${what}\n\n${waysOut(standing, width)}`
}

/** An option is blamed by its name, what the file says by its place in the file. */
function placesOf(own: object, source: string): Draft['placeOf'] {
  const inFile = placesIn(source)
  return claim => (Object.hasOwn(own, /^\w*/.exec(claim)?.[0] ?? '') ? optionFor(claim) : inFile(claim))
}

/** What the command says itself cannot stand in the file too. */
async function factsIn(file: string, io: CommandIo) {
  const facts = await readMapping(file, io)
  const said = ['sub', 'from', 'to'].filter(name => Object.hasOwn(facts.members, name))
  if (said.length === 0) return facts
  throw new ConfigError(said.map(name => `${facts.source}: ${name}: is said by the command itself; leave it out`))
}
