import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConfigError } from '../../model/operator-file.ts'
import type { ContentCoding } from '../../responses/finished-answer.ts'
import type { PublicView } from '../../status/public-view.ts'

/**
 * The pages as `npm run build:web` has built them: assets with their compressed forms, and what renders the pages. Read
 * once, at the start, by the composition root.
 */
export interface WebBuild {
  /** By their path on this host. */
  readonly assets: ReadonlyMap<string, Asset>
  /** The whole status page, for the public. */
  renderPage(view: PublicView, options: PageOptions): string
  /** The page that the explorer runs in. */
  renderExplorer(options: ExplorerOptions): string
  /** The GraphQL documents that the status page asks, exactly as it sends them. */
  readonly documents: readonly string[]
}

export interface Asset {
  readonly contentType: string
  /** Whether its name changes with its content. */
  readonly isImmutable: boolean
  readonly etag: string
  readonly body: Buffer
  readonly encoded: Readonly<Partial<Record<ContentCoding, Buffer>>>
}

export interface PageOptions {
  readonly name: string
  /** Tag of the view. */
  readonly etag: string
  readonly isEmbedded: boolean
}

export interface ExplorerOptions {
  readonly isEmbedded: boolean
  /** For the styles that its libraries make. */
  readonly nonce: string
}

/** What `web/page/server.tsx` exports. */
interface PageModule {
  readonly documents: readonly string[]
  renderPage(view: PublicView, options: PageOptions & { readonly assets: PageAssets }): string
  renderExplorer(options: ExplorerOptions & { readonly assets: PageAssets }): string
}

interface PageAssets {
  readonly script: string
  readonly styles: readonly string[]
  readonly icon: string
}

/** Of the manifest that Vite writes. */
type Manifest = Readonly<Record<string, { readonly file: string; readonly css?: readonly string[] }>>

const DIRECTORY = fileURLToPath(new URL('../../../web/dist/', import.meta.url))
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const ENCODINGS: Readonly<Record<ContentCoding, string>> = { br: '.br', gzip: '.gz' }
/** Vite's: the name, and eight characters of a hash. */
const HASHED = /-[\w-]{8}\.\w+$/
const ICON = '/assets/icon.svg'

/** Throws `ConfigError` where the pages are not built. */
export async function readWebBuild(): Promise<WebBuild> {
  // Written last.
  if (!existsSync(join(DIRECTORY, 'stamp')))
    throw new ConfigError([
      'statusPage: the pages are not built; run npm run build:web (or set statusPage.enabled to false)',
    ])
  const manifest = JSON.parse(await readFile(join(DIRECTORY, 'client/.vite/manifest.json'), 'utf8')) as Manifest
  const page = (await import(pathToFileURL(join(DIRECTORY, 'server/page.js')).href)) as PageModule
  const assetsOf = (entry: string): PageAssets => {
    const { file = '', css = [] } = manifest[entry] ?? {}
    return { script: `/${file}`, styles: css.map(path => `/${path}`), icon: ICON }
  }
  const ofPage = assetsOf('page/client.tsx')
  const ofExplorer = assetsOf('explorer/main.tsx')
  return {
    assets: await readAssets(),
    documents: page.documents,
    renderPage: (view, options) => page.renderPage(view, { ...options, assets: ofPage }),
    renderExplorer: options => page.renderExplorer({ ...options, assets: ofExplorer }),
  }
}

async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  const directory = join(DIRECTORY, 'client/assets')
  const names = new Set(await readdir(directory))
  const assets = [...names].flatMap(name => {
    const contentType = CONTENT_TYPES[extname(name)]
    return contentType === undefined ? [] : [readAsset(directory, name, contentType, names)]
  })
  return new Map(await Promise.all(assets))
}

async function readAsset(
  directory: string,
  name: string,
  contentType: string,
  names: ReadonlySet<string>,
): Promise<[string, Asset]> {
  const body = await readFile(join(directory, name))
  const encoded: Partial<Record<ContentCoding, Buffer>> = {}
  for (const [coding, extension] of Object.entries(ENCODINGS) as [ContentCoding, string][])
    if (names.has(name + extension)) encoded[coding] = await readFile(join(directory, name + extension))
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return [`/assets/${name}`, { contentType, isImmutable: HASHED.test(name), etag, body, encoded }]
}
