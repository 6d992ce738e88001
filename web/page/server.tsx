import { renderToString } from 'preact-render-to-string'
import STATUS_EVIDENCE from '../status-evidence.graphql?raw'
import STATUS_PAGE from '../status-page.graphql?raw'
import { App } from './app.tsx'
import type { StatusView } from './view.ts'

/** What the gateway loads of the page: it renders with it, and knows from it what the page will ask. */

/** The documents that the page asks, exactly as it sends them. */
export const documents: readonly string[] = [STATUS_PAGE, STATUS_EVIDENCE]

export interface PageOptions {
  readonly name: string
  /** Tag of the view. */
  readonly etag: string
  readonly isEmbedded: boolean
  readonly assets: PageAssets
}

/** Paths on this host. */
export interface PageAssets {
  readonly script: string
  readonly styles: readonly string[]
  readonly icon: string
}

/** The whole page, for the public. */
export function renderPage(view: StatusView, { name, etag, isEmbedded, assets }: PageOptions): string {
  const beginning = { view, etag, name, isEmbedded }
  const { headline } = view.restartStatus
  return document({
    title: name,
    description: headline ?? 'How far the restart has come.',
    assets,
    head: '<link rel="alternate" type="application/atom+xml" title="Updates" href="/feed.atom">',
    body:
      `<div id="page">${renderToString(<App {...beginning} />)}</div>` +
      `<script type="application/json" id="beginning">${dataText(beginning)}</script>`,
  })
}

export interface ExplorerOptions {
  readonly isEmbedded: boolean
  readonly assets: PageAssets
  /** For the styles that its libraries make. */
  readonly nonce: string
}

/** The page that the explorer runs in. */
export function renderExplorer({ isEmbedded, assets, nonce }: ExplorerOptions): string {
  return document({
    title: 'Explorer',
    description: 'Ask the API yourself.',
    assets,
    head: `<meta property="csp-nonce" nonce="${nonce}">`,
    body:
      `<div id="explorer" data-embedded="${isEmbedded}"></div>` +
      '<noscript><p>The explorer needs JavaScript. The <a href="/">status page</a> does not.</p></noscript>',
  })
}

interface DocumentParts {
  readonly title: string
  readonly description: string
  readonly assets: PageAssets
  readonly head: string
  readonly body: string
}

function document({ title, description, assets: { script, styles, icon }, head, body }: DocumentParts): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    '<meta name="color-scheme" content="light dark">' +
    `<title>${escaped(title)}</title><meta name="description" content="${escaped(description)}">` +
    `<link rel="icon" type="image/svg+xml" href="${icon}">` +
    styles.map(href => `<link rel="stylesheet" href="${href}">`).join('') +
    `${head}<script type="module" src="${script}"></script></head><body>${body}</body></html>`
  )
}

/** JSON that nothing in it can end, or turn into markup. */
function dataText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => ENTITIES[character] ?? '')
}
