import type { FastifyInstance } from 'fastify'
import { openStatusPage, type StatusPageOptions } from './status/status-page.ts'
import type { SignInAsSample } from './web/sample-sign-in.ts'
import type { WebBuild } from './web/web-build.ts'
import { registerWebPages } from './web/web-pages.ts'

/** What everybody may read of the restart, as documents and as pages. Called by the composition root. */
export interface PagesOptions extends StatusPageOptions {
  /** Null: the documents alone are served. */
  readonly build: WebBuild | null
  /** Null, but in the embedded default: nobody is signed in here. */
  readonly signInAsSample: SignInAsSample | null
}

export function openPages(app: FastifyInstance, { build, signInAsSample, ...options }: PagesOptions): void {
  const status = openStatusPage(app, options)
  if (status === null || build === null) return
  const { name } = options.settings
  registerWebPages(app, { build, name, publicView: status.publicView, signInAsSample })
}
