import { DOMImplementation, type Element, XMLSerializer } from '@xmldom/xmldom'
import { SYSTEM_NAMES } from '../model/system.ts'
import { type Page, pageUrn } from './page.ts'
import type { PublicState } from './public-state.ts'

/** The public updates as an Atom feed (RFC 4287). Called by what serves the status. */

const NAMESPACE = 'http://www.w3.org/2005/Atom'
/** A feed must say when it was last changed, also before there is anything in it. */
const NEVER = '1970-01-01T00:00:00.000Z'

/** The document, in UTF-8; newest entry first. `path`: that of the feed itself, below the page. */
export function atomFeed({ updates, updatedAt }: PublicState, page: Page, path: string): string {
  const document = new DOMImplementation().createDocument(NAMESPACE, 'feed')
  const { documentElement: feed } = document
  if (feed === null) throw new TypeError('a document was made without its root')

  function add(parent: Element, name: string, content: string | null, attributes: object = {}): Element {
    const element = document.createElementNS(NAMESPACE, name)
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, written(value))
    if (content !== null) element.appendChild(document.createTextNode(written(content)))
    parent.appendChild(element)
    return element
  }

  add(feed, 'id', pageUrn(page, 'feed'))
  add(feed, 'title', page.name)
  add(feed, 'updated', updates[0]?.publishedAt ?? updatedAt ?? NEVER)
  add(add(feed, 'author', null), 'name', page.name)
  add(feed, 'link', null, { rel: 'self', type: 'application/atom+xml', href: `${page.url}${path}` })
  add(feed, 'link', null, { rel: 'alternate', type: 'text/html', href: `${page.url}/` })
  for (const { id, publishedAt, title, body, affects } of updates) {
    const entry = add(feed, 'entry', null)
    add(entry, 'id', pageUrn(page, 'update', id))
    add(entry, 'title', title)
    add(entry, 'published', publishedAt)
    add(entry, 'updated', publishedAt)
    add(entry, 'link', null, { rel: 'alternate', type: 'text/html', href: `${page.url}/#${encodeURIComponent(id)}` })
    for (const key of affects) add(entry, 'category', null, { term: key, label: SYSTEM_NAMES[key] })
    add(entry, 'content', body, { type: 'text' })
  }
  return `<?xml version="1.0" encoding="utf-8"?>\n${new XMLSerializer().serializeToString(document, { requireWellFormed: true })}\n`
}

/** What XML 1.0 has no character for (§2.2) stands as the replacement character. */
function written(text: string): string {
  return text.toWellFormed().replace(NO_CHARACTER, '\ufffd')
}

const NO_CHARACTER = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu
