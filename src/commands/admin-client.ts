import type {
  AttestationView,
  CheckpointView,
  CheckView,
  DeadWebhookView,
  DryRunView,
  JournalView,
  PartnerView,
  ReceiptView,
  RefusalView,
  RetryView,
  StatusView,
  SystemView,
  WebhookView,
} from '../http/admin/api.ts'
import { ensureError } from '../model/errors.ts'
import { type SystemKey, type SystemLifecycle, systemSlug } from '../model/system.ts'
import type { JournalRow } from '../recovery/journal/store.ts'
import { CommandFailure, UsageError } from './command.ts'
import type { CommandIo } from './command-io.ts'

/**
 * The operators' end of the admin listener: every call of `src/http/admin/api.ts`, and each failure in words. It holds no
 * credential, because none is needed: what it hands in is authorised by its signature.
 */
export interface AdminClient {
  status(): Promise<StatusView>
  /** `to` null: the next step up. */
  check(system: SystemKey, to: SystemLifecycle | null): Promise<CheckView>
  attestations(system: SystemKey): Promise<readonly AttestationView[]>
  partners(): Promise<readonly PartnerView[]>
  /** Entries with a sequence above `after`, to the last. */
  journal(after: number): AsyncGenerator<JournalRow, void>
  checkpoint(): Promise<CheckpointView>
  submit(token: string): Promise<Answer>
  preview(token: string): Promise<DryRunView>
  webhooks(): Promise<readonly WebhookView[]>
  deadWebhooks(): Promise<readonly DeadWebhookView[]>
  /** `id` null: all that were given up at the endpoint. */
  retryWebhooks(endpoint: string, id: string | null): Promise<RetryView>
  testWebhook(endpoint: string): Promise<RetryView>
}

/** What the gateway says to a statement. */
export type Answer =
  | { readonly kind: 'accepted'; readonly receipt: ReceiptView }
  | { readonly kind: 'refused'; readonly refusal: RefusalView }

const DEFAULT_PORT = '4001'
const TIMEOUT_MS = 10_000
/** Where the gateway may have to look at the system first. */
const LOOKING_TIMEOUT_MS = 60_000
/** Entries of the journal in one call. */
const PAGE = 500

interface Call extends RequestInit {
  readonly timeoutMs?: number
}

/** Takes the value of `--admin`; where there is none, ADMIN_URL, or ADMIN_PORT of this machine. Throws `UsageError`. */
export function createAdminClient(given: string | undefined, { env }: Pick<CommandIo, 'env'>): AdminClient {
  const base = parseAddress(given || env.ADMIN_URL || `http://127.0.0.1:${env.ADMIN_PORT || DEFAULT_PORT}`)

  async function call(
    path: string,
    { timeoutMs = TIMEOUT_MS, ...init }: Call = {},
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await fetch(base + path, { redirect: 'error', signal, ...init })
      return { status: response.status, body: parseJson(await response.text()) }
    } catch (thrown) {
      throw new CommandFailure(wordingOf(ensureError(thrown), base, timeoutMs), { cause: thrown })
    }
  }

  async function read<T>(path: string, timeoutMs = TIMEOUT_MS): Promise<T> {
    const { status, body } = await call(path, { timeoutMs })
    if (status === 200 && isObject(body)) return body as T
    throw unexpected(base + path, status, body)
  }

  async function order(path: string): Promise<RetryView> {
    const { status, body } = await call(path, { method: 'POST' })
    if (status === 202 && isObject(body)) return body as unknown as RetryView
    throw unexpected(base + path, status, body)
  }

  function hand(path: string, token: string) {
    const headers = { 'content-type': 'application/jose' }
    return call(path, { method: 'POST', headers, body: token, timeoutMs: LOOKING_TIMEOUT_MS })
  }

  return {
    status: () => read('/status'),
    check: (system, to) =>
      read(`/systems/${systemSlug(system)}/check${to === null ? '' : `?to=${to}`}`, LOOKING_TIMEOUT_MS),
    attestations: system => read(`/systems/${systemSlug(system)}/attestations`),
    partners: () => read('/partners'),
    checkpoint: () => read('/journal/checkpoint'),
    webhooks: () => read('/webhooks'),
    deadWebhooks: () => read('/webhooks/dead'),
    retryWebhooks: (endpoint, id) =>
      order(`/webhooks/${encodeURIComponent(endpoint)}/retry${id === null ? '' : `?id=${encodeURIComponent(id)}`}`),
    testWebhook: endpoint => order(`/webhooks/${encodeURIComponent(endpoint)}/test`),
    async *journal(after) {
      for (let next: number | null = after; next !== null; ) {
        const page: JournalView = await read(`/journal?after=${next}&limit=${PAGE}`)
        yield* page.rows
        if (page.next !== null && page.next <= next)
          throw new CommandFailure(`${base}/journal: does not go on after entry ${next}`)
        next = page.next
      }
    },
    async submit(token) {
      const { status, body } = await hand('/statements', token)
      if (status === 201 && isObject(body)) return { kind: 'accepted', receipt: body as unknown as ReceiptView }
      if (isRefusal(body)) return { kind: 'refused', refusal: body }
      throw unexpected(`${base}/statements`, status, body)
    },
    async preview(token) {
      const { status, body } = await hand('/statements?dryRun=true', token)
      if (status === 200 && isObject(body)) return body as unknown as DryRunView
      throw unexpected(`${base}/statements`, status, body)
    },
  }
}

/** Throws `CommandFailure`. */
export function systemIn({ systems }: StatusView, system: SystemKey): SystemView {
  const found = systems.find(({ key }) => key === system)
  if (found === undefined) throw new CommandFailure(`the gateway has no system ${systemSlug(system)}`)
  return found
}

function parseAddress(address: string): string {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new UsageError(`--admin ${address}: must be the URL of an admin listener, such as http://127.0.0.1:4001`)
  return url.href.replace(/\/+$/, '')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(body: unknown): body is Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null
}

/** 422, or 503 while the journal is out of reach. */
function isRefusal(body: unknown): body is RefusalView {
  return (
    isObject(body) && typeof body.code === 'string' && typeof body.message === 'string' && Array.isArray(body.guards)
  )
}

/** Code and message where the listener gives them; else it may be something else that listens there. */
function unexpected(url: string, status: number, body: unknown): CommandFailure {
  const { code, message } = isObject(body) ? body : {}
  return new CommandFailure(
    typeof code === 'string' && typeof message === 'string'
      ? `${url}: refused with ${status} ${code}: ${message}`
      : `${url}: answered ${status} and not as an admin listener does; is it the right one? (--admin URL, ADMIN_URL, ADMIN_PORT)`,
  )
}

function wordingOf(error: Error, base: string, timeoutMs: number): string {
  if (error.name === 'TimeoutError') return `${base}: did not answer within ${timeoutMs / 1_000} seconds`
  const code = Error.isError(error.cause) && 'code' in error.cause ? String(error.cause.code) : null
  if (code === 'ECONNREFUSED')
    return `nothing listens at ${base}: start the gateway, or name its admin listener (--admin URL, ADMIN_URL, ADMIN_PORT)`
  return `${base}: cannot be asked: ${code ?? ensureError(error.cause ?? error).message}`
}
