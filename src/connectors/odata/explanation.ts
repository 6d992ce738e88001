import type { Read } from '../mapped-connector.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import type { Dialect } from './filter.ts'
import { lookupRequests } from './lookup.ts'
import { pageRequest } from './page.ts'
import type { ReadingOptions } from './reading.ts'

/**
 * The requests that a read would send, for people who write a mapping. Called by the connector. Nothing is sent; types
 * that only the service knows are guessed from the columns where it was never asked.
 */
export function explainRead(options: ReadingOptions, dialect: Dialect, read: Read): readonly string[] {
  const { relation, service, origin, joins } = dialect.mapping
  const get = (path: string) => `GET ${options.client.urlOf(service, path)}`
  const further = joins.map(
    ({ name, service, entitySet, on }) =>
      `GET ${options.client.urlOf(service, entitySet)}?$filter=… (join ${name}: ${on.map(([field]) => field).join(', ')} of the rows found)`,
  )
  if (origin.kind === 'function') {
    const call = get(
      `${origin.name}${options.version === 'V2' ? '?' : '('}${origin.parameters.map(({ name }) => `${name}=…`).join(options.version === 'V2' ? '&' : ',')}${options.version === 'V2' ? '' : ')'}`,
    )
    return read.kind === 'lookup' ? [`${call} (one call per key and visible site)`, ...further] : []
  }
  if (read.kind === 'lookup') {
    const checked = checkedLookup(relation, read.query)
    return checked === null ? [] : [...lookupRequests(options, dialect, checked).paths.map(get), ...further]
  }
  const checked = checkedPage(relation, read.query)
  const request = checked && pageRequest(options, dialect, checked, checked.after, checked.first + 1)
  return request === null ? [] : [get(request.path), ...further]
}
