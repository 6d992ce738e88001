import type { Read } from '../mapped-connector.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import type { Dialect } from './filter.ts'
import { lookupRequests } from './lookup.ts'
import { pageRequests } from './page.ts'
import { entitySetOf, type ReadingOptions } from './reading.ts'
import { withSamples } from './samples.ts'

/**
 * The requests that a read would send, for people who write a mapping. Called by the connector. Nothing is sent; types
 * that only the service knows are guessed from the columns where it was never asked. What cannot be read is said to be so.
 */
export function explainRead(options: ReadingOptions, dialect: Dialect, read: Read): readonly string[] {
  try {
    const requests = requestsOf(options, dialect, read)
    return requests.length > 0 ? [...requests, ...joinRequests(options, dialect)] : ['nothing: no row can be meant']
  } catch (thrown) {
    // Those are mistakes of the caller.
    if (!(thrown instanceof Error) || thrown instanceof TypeError) throw thrown
    return [`not possible: ${thrown.message}`]
  }
}

function requestsOf(options: ReadingOptions, dialect: Dialect, read: Read): readonly string[] {
  const { relation, service, origin } = dialect.mapping
  const get = (path: string) => `GET ${options.client.urlOf(service, path)}`
  if (origin.kind === 'function' && read.kind === 'lookup') {
    const parameters = origin.parameters.map(({ name }) => `${name}=…`)
    const call = options.version === 'V2' ? `?${parameters.join('&')}` : `(${parameters.join(',')})`
    return [`${get(`${origin.name}${call}`)} (one call per key and visible site)`]
  }
  entitySetOf(dialect.mapping)
  const { kind, query } = withSamples(dialect, read)
  if (kind === 'lookup') {
    const checked = checkedLookup(relation, query)
    return checked === null ? [] : lookupRequests(options, dialect, checked).paths.map(get)
  }
  const checked = checkedPage(relation, query)
  return checked === null
    ? []
    : pageRequests(options, dialect, checked, checked.after, checked.first + 1).paths.map(get)
}

function joinRequests({ client }: ReadingOptions, { mapping }: Dialect): readonly string[] {
  return mapping.joins.map(
    ({ name, service, entitySet, on }) =>
      `GET ${client.urlOf(service, entitySet)}?$filter=… (join ${name}: ${on.map(([field]) => field).join(', ')} of the rows found)`,
  )
}
