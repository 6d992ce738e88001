import { systemClock } from '../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { PARTNER_ROLES, type PartnerRole } from '../model/viewer.ts'
import { PUBLIC_FACETS, type PublicFacet } from '../recovery/state.ts'
import { createAdminClient } from './admin-client.ts'
import { choice, optionFor, readArguments, required, systemNamed, time } from './arguments.ts'
import { createCommand, type Outcome, UsageError } from './command.ts'
import type { CommandEntries } from './command-group.ts'
import type { CommandIo } from './command-io.ts'
import { readInput } from './input.ts'
import { askAndSubmit, assertAskable } from './signing/ask-and-submit.ts'
import { openSigner } from './signing/signer.ts'
import { parseSigning, SIGNING, SIGNING_USAGE, type SigningRequest } from './signing/signing-request.ts'

/** `update publish`: news on the restart for partners. */

/** In the place of facets: none of them. */
const NOTHING = 'NONE'
const FACETS = [...PUBLIC_FACETS, NOTHING] as const

const USAGE = `usage: recovery-gateway update publish --title TEXT --body TEXT|--body-file FILE|- [OPTION…]

  --title TEXT             one line
  --body TEXT              the news
  --body-file FILE|-       the same from a file
  --audience ROLE          a role of partners that may read it; may be repeated (default: every partner):
                           ${PARTNER_ROLES.join(', ')}
  --public                 everybody in the world may read it, not only partners
  --public-facet NAME      what else of the restart everybody sees from now on; may be repeated (default: as
                           before):
                           ${PUBLIC_FACETS.join(', ')}, or ${NOTHING} by itself
  --affects NAME           a system that it is about; may be repeated
  --headline TEXT          what the status says first from now on, to every partner, whatever the audience
  --next-update-by T       until when the next news will come (RFC 3339); every partner sees it, too
${SIGNING_USAGE}`

interface Request extends SigningRequest {
  readonly title: string
  readonly body: { readonly text: string } | { readonly file: string }
  readonly audience: readonly PartnerRole[]
  readonly isPublic: boolean
  /** Undefined: as before. */
  readonly publicFacets: readonly PublicFacet[] | undefined
  readonly affects: readonly SystemKey[]
  readonly headline: string | undefined
  readonly nextUpdateBy: string | undefined
}

const runPublish = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: publish })

export const UPDATE_VERBS: CommandEntries = new Map([
  [
    'publish',
    { form: 'update publish --title TEXT --body TEXT', does: 'publish news on the restart', run: runPublish },
  ],
])

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, {
    title: { type: 'string' },
    body: { type: 'string' },
    'body-file': { type: 'string' },
    audience: { type: 'string', multiple: true, default: [] },
    public: { type: 'boolean', default: false },
    'public-facet': { type: 'string', multiple: true, default: [] },
    affects: { type: 'string', multiple: true, default: [] },
    headline: { type: 'string' },
    'next-update-by': { type: 'string' },
    ...SIGNING,
  })
  if (read === 'help') return read
  const { title, body, 'body-file': file, audience, affects, headline, 'next-update-by': nextUpdateBy } = read.values
  const facets = read.values['public-facet'].map(name => choice('--public-facet', name, FACETS))
  if (facets.includes(NOTHING) && facets.length > 1) throw new UsageError(`--public-facet ${NOTHING} stands by itself`)
  if ((body === undefined) === (file === undefined)) throw new UsageError('say the news: either --body or --body-file')
  return {
    ...parseSigning(read.values),
    title: required('--title', title),
    body: file === undefined ? { text: body ?? '' } : { file },
    audience: inOrder(
      PARTNER_ROLES,
      audience.map(role => choice('--audience', role, PARTNER_ROLES)),
    ),
    isPublic: read.values.public,
    publicFacets: facets.length === 0 ? undefined : inOrder(PUBLIC_FACETS, facets),
    affects: inOrder(
      SYSTEM_KEYS,
      affects.map(slug => systemNamed('--affects', slug)),
    ),
    headline,
    nextUpdateBy: nextUpdateBy && time('--next-update-by', nextUpdateBy),
  }
}

/** Each once. */
function inOrder<V>(all: readonly V[], named: readonly unknown[]): readonly V[] {
  return all.filter(value => named.includes(value))
}

async function publish(request: Request, io: CommandIo): Promise<Outcome> {
  assertAskable(request, io)
  const { title, body, audience, isPublic, publicFacets, affects, headline, nextUpdateBy } = request
  const publishedAt = new Date(systemClock.now()).toISOString()
  const claims = {
    sub: `urn:restart-update:${nameOf(title, publishedAt)}`,
    published_at: publishedAt,
    audience,
    title,
    body: 'file' in body ? (await readInput(body.file, io)).text.trim() : body.text,
    affects,
    ...(isPublic && { public: true }),
    ...(publicFacets !== undefined && { public_facets: publicFacets }),
    ...(headline !== undefined && { headline }),
    ...(nextUpdateBy !== undefined && { next_update_by: nextUpdateBy }),
  }
  const signer = await openSigner(request, 'COMMUNICATIONS_LEAD', io)
  const admin = createAdminClient(request.admin, io)
  const placeOf = (claim: string) => (claim === 'body' && 'file' in body ? body.file : optionFor(claim))
  return askAndSubmit({ draft: { kind: 'restart-update', claims, placeOf }, signer, request, admin }, io)
}

/** `2025-10-08t120005-schedule-opens-on-thursday`: no two of a second with one title. */
function nameOf(title: string, publishedAt: string): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return `${publishedAt.slice(0, 19).replaceAll(':', '').toLowerCase()}-${words}`.slice(0, 80).replace(/-+$/, '')
}
