import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from '@jest/globals'
import { DOMParser, type Element } from '@xmldom/xmldom'
import { atomFeed } from '../../src/status/atom.ts'
import { type PublicState, publicStateOf } from '../../src/status/public-state.ts'
import { storyState } from '../support/story-state.ts'

const PAGE = { url: 'https://status.example', name: 'Restart & status' }

let shown: PublicState
beforeAll(async () => {
  shown = publicStateOf(await storyState(), { sites: new Map(), lastAsOf: () => null, isDegraded: () => false })
})

const feed = (change: Partial<PublicState> = {}) => atomFeed({ ...shown, ...change }, PAGE, '/feed.atom')
/** It warns of replacement characters, which are meant to be there. */
const onError = (level: string, message: string) => {
  if (level !== 'warning') throw new Error(message)
}
const rootOf = (text: string): Element => {
  const root = new DOMParser({ onError }).parseFromString(text, 'application/xml').documentElement
  if (root === null) throw new Error('the feed has no root')
  return root
}
const textsOf = (parent: Element, name: string) =>
  [...parent.getElementsByTagName(name)].filter(({ parentNode }) => parentNode === parent).map(e => e.textContent)

test('has an entry for each public update, newest first, each with its own id', () => {
  const root = rootOf(feed())
  const entries = [...root.getElementsByTagName('entry')]
  expect(entries.map(entry => textsOf(entry, 'title')[0])).toEqual(shown.updates.map(({ title }) => title))
  expect(entries.map(entry => textsOf(entry, 'updated')[0])).toEqual(shown.updates.map(one => one.publishedAt))
  const ids = entries.flatMap(entry => textsOf(entry, 'id'))
  expect(new Set([...ids, ...textsOf(root, 'id')]).size).toBe(entries.length + 1)
  for (const id of ids)
    expect(id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('says of itself what RFC 4287 demands, also before anything is published', () => {
  for (const updates of [shown.updates, []]) {
    const root = rootOf(feed({ updates, updatedAt: null }))
    expect([root.namespaceURI, root.localName]).toEqual(['http://www.w3.org/2005/Atom', 'feed'])
    for (const name of ['id', 'title', 'updated', 'author']) expect(textsOf(root, name)).toHaveLength(1)
    const links = [...root.getElementsByTagName('link')].filter(link => link.parentNode === root)
    expect(links.map(link => [link.getAttribute('rel'), link.getAttribute('href')])).toEqual([
      ['self', 'https://status.example/feed.atom'],
      ['alternate', 'https://status.example/'],
    ])
  }
})

test('keeps whatever stands in a text a text', () => {
  const title = `</title><entry>&amp; ]]> "quoted" <!--`
  const body = `first\n\tsecond \ufffe\uffff ${String.fromCodePoint(0x1f600)} \u0085`
  const [update] = shown.updates
  if (update === undefined) throw new Error('the story has no public update')
  const root = rootOf(feed({ updates: [{ ...update, id: 'a"b<&', title, body }] }))
  const [entry] = [...root.getElementsByTagName('entry')]
  if (entry === undefined) throw new Error('the feed has no entry')
  expect(textsOf(entry, 'title')).toEqual([title])
  expect(textsOf(entry, 'content')[0]?.replace('\u0085', '\n')).toBe(
    body.replace(/[\ufffe\uffff]/g, '\ufffd').replace('\u0085', '\n'),
  )
})

const XMLLINT = '/usr/bin/xmllint'
const SCHEMA = fileURLToPath(new URL('atom.rng', import.meta.url))
const validated = existsSync(XMLLINT) ? test : test.skip
validated('is valid by the schema of RFC 4287, which takes no other (apt-get install libxml2-utils)', () => {
  const validate = (text: string) =>
    spawnSync(XMLLINT, ['--noout', '--nonet', '--relaxng', SCHEMA, '-'], { input: text, encoding: 'utf8' })
  for (const text of [feed(), feed({ updates: [], updatedAt: null })])
    expect(validate(text)).toMatchObject({ status: 0, stderr: '- validates\n' })
  for (const wrong of [
    feed().replace(/<updated>.*?<\/updated>/, ''),
    feed().replace(/<published>.*?<\/published>/, '<published>today</published>'),
    feed().replace('<entry>', '<entry><headline>x</headline>'),
    feed().replace(' href=', ' target='),
  ])
    expect([wrong === feed(), validate(wrong).status]).toEqual([false, 3])
})
