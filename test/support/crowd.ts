import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Agent, request } from 'undici'
import { ALL_SCOPES, type Question, type TestGateway } from './gateway.ts'

/**
 * Partners at a gateway of tests that listens: over real sockets that are kept, as many as a test wants, with the text and
 * the headers of every answer as they came. It parses no answer and repeats no request.
 */
export interface Crowd {
  /** URL of the listener for partners. */
  readonly url: string
  /** The `authorization` of a client with all the scopes that the registry grants it. */
  authorization(client: string): Promise<string>
  ask(client: string, question: Question, headers?: Readonly<Record<string, string>>): Promise<Received>
  /** The same question in a URL. */
  get(client: string, question: Question, headers?: Readonly<Record<string, string>>): Promise<Received>
  close(): Promise<void>
}

export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Decoded, where it came in a content coding. */
  readonly text: string
}

export interface CrowdOptions {
  /** Most that are open at once. */
  readonly connections?: number
}

const TOKEN_SECONDS = 86_400

export async function gatherCrowd(gateway: TestGateway, { connections = 64 }: CrowdOptions = {}): Promise<Crowd> {
  const { app, issuer } = gateway
  const url = await app.partners.listen({ port: 0, host: '127.0.0.1' })
  const dispatcher = new Agent({ connections })
  const tokens = new Map<string, Promise<string>>()

  function authorization(client: string): Promise<string> {
    const known = tokens.get(client)
    if (known !== undefined) return known
    const made = issuer
      .sign({ clientId: client, scopes: ALL_SCOPES, lifetimeSeconds: TOKEN_SECONDS })
      .then(token => `Bearer ${token}`)
    tokens.set(client, made)
    return made
  }

  async function send(path: string, options: Omit<NonNullable<Parameters<typeof request>[1]>, 'dispatcher'>) {
    const { statusCode, headers, body } = await request(url + path, { ...options, dispatcher })
    const bytes = Buffer.from(await body.arrayBuffer())
    return { status: statusCode, headers, text: decoded(bytes, headers['content-encoding']) }
  }

  return {
    url,
    authorization,
    async ask(client, question, headers = {}) {
      return send('/graphql', {
        method: 'POST',
        headers: { authorization: await authorization(client), 'content-type': 'application/json', ...headers },
        body: JSON.stringify(question),
      })
    },
    async get(client, { query, variables }, headers = {}) {
      const parameters = new URLSearchParams({ query, ...(variables && { variables: JSON.stringify(variables) }) })
      return send(`/graphql?${parameters}`, {
        method: 'GET',
        headers: { authorization: await authorization(client), ...headers },
      })
    },
    close: () => dispatcher.destroy(),
  }
}

function decoded(bytes: Buffer, coding: string | string[] | undefined): string {
  switch (coding) {
    case undefined:
      return bytes.toString()
    case 'br':
      return brotliDecompressSync(bytes).toString()
    case 'gzip':
      return gunzipSync(bytes).toString()
    default:
      throw new Error(`an answer in ${coding}, which nobody asked for`)
  }
}
