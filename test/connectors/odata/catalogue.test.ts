import { expect, test } from '@jest/globals'
import { createCatalogue } from '../../../src/connectors/odata/catalogue.ts'
import { metadataOf } from './server.ts'

const signal = new AbortController().signal
const described = (...names: readonly string[]) =>
  metadataOf('V2', {
    sets: names.map(name => ({ name, key: ['Id'], properties: { Id: { type: 'Edm.String' } }, rows: [] })),
  })

test('what a service says of itself is parsed once, until it says something else', async () => {
  let text = described('Parts')
  const catalogue = createCatalogue({
    get: async () => text,
    urlOf: (_service, path) => path,
    warning: () => null,
    close: async () => {},
  })
  const first = await catalogue.metadataOf('S', signal)
  catalogue.expire()
  expect(await catalogue.metadataOf('S', signal)).toBe(first)
  text = described('Parts', 'Stock')
  expect(await catalogue.metadataOf('S', signal)).toBe(first)
  catalogue.expire()
  expect([...(await catalogue.metadataOf('S', signal)).entitySets.keys()]).toEqual(['Parts', 'Stock'])
})
