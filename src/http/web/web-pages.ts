import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../../model/errors.ts'
import { createCompressor } from '../../responses/content-coding.ts'
import { createFinishedAnswer } from '../../responses/finished-answer.ts'
import type { PublicView } from '../../status/public-view.ts'
import { explorerPolicy, PAGE_POLICY } from './content-security-policy.ts'
import { registerSampleSignIn, type SignInAsSample } from './sample-sign-in.ts'
import { type PageBytes, sendPage } from './send-page.ts'
import type { Asset, WebBuild } from './web-build.ts'

/**
 * What people open in a browser: the status page at `/`, the explorer, and the files of both. The page holds what is public
 * and nothing else; what a reader with a token sees, the browser asks for. Called by the composition root.
 */
export interface WebPagesOptions {
  readonly build: WebBuild
  /** Whose page it is. */
  readonly name: string
  /** What the public sees now, with the tag that changes with it. */
  readonly publicView: () => { readonly view: PublicView; readonly etag: string }
  /** Null, but in the embedded default: nobody is signed in here. */
  readonly signInAsSample: SignInAsSample | null
}

const PATHS = { page: '/', explorer: '/explorer', assets: '/assets/' } as const
const HTML = 'text/html; charset=utf-8'
const READS = ['GET', 'HEAD']
const NONCE_BYTES = 16

export function registerWebPages(app: FastifyInstance, options: WebPagesOptions): void {
  const { build, signInAsSample } = options
  const currentPage = createCurrentPage(options)

  app.route({
    method: READS,
    url: PATHS.page,
    handler: (request, reply) => sendPage(request, reply, currentPage()),
  })

  app.route({
    method: READS,
    url: PATHS.explorer,
    handler: (request, reply) => {
      const nonce = randomBytes(NONCE_BYTES).toString('base64url')
      const html = build.renderExplorer({ isEmbedded: signInAsSample !== null, nonce })
      return sendPage(request, reply, {
        contentType: HTML,
        body: Buffer.from(html),
        etag: null,
        cacheControl: 'no-store',
        policy: explorerPolicy(nonce),
        encoded: () => null,
      })
    },
  })

  app.route({
    method: READS,
    url: `${PATHS.assets}*`,
    handler: (request, reply) => {
      const { '*': name } = request.params as { readonly '*': string }
      const asset = build.assets.get(PATHS.assets + name)
      if (asset === undefined) throw new GatewayError('NOT_FOUND', 'There is nothing at this path.')
      return sendPage(request, reply, assetBytes(asset))
    },
  })

  if (signInAsSample !== null) registerSampleSignIn(app, signInAsSample)
}

/** Rendered once for each state of what is public. */
function createCurrentPage({ build, name, publicView, signInAsSample }: WebPagesOptions): () => PageBytes {
  const compressor = createCompressor()
  let made: { readonly of: string; readonly page: PageBytes } | null = null
  return () => {
    const { view, etag } = publicView()
    if (made?.of === etag) return made.page
    const body = Buffer.from(build.renderPage(view, { name, etag, isEmbedded: signInAsSample !== null }))
    const parts = { key: etag, body, maxAgeSeconds: 0, freshUntilMs: Number.POSITIVE_INFINITY }
    const answer = createFinishedAnswer(parts, { compressor, onGrown() {} })
    const page = {
      contentType: HTML,
      body,
      etag: answer.etag,
      cacheControl: 'public, max-age=0, must-revalidate',
      policy: PAGE_POLICY,
      encoded: answer.encoded.bind(answer),
    }
    made = { of: etag, page }
    return page
  }
}

function assetBytes({ contentType, body, etag, isImmutable, encoded }: Asset): PageBytes {
  return {
    contentType,
    body,
    etag,
    cacheControl: isImmutable ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
    policy: null,
    encoded: coding => encoded[coding] ?? null,
  }
}
