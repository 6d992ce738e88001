import { graphql } from 'graphql'
import type { BenchSite } from '../site/site.ts'
import { openPeer } from './peer-context.ts'

/** What a right answer is: graphql-js over the same resolvers, nothing kept, one question at a time. */

/** A question of one partner, as it is POSTed. */
export interface BenchQuestion {
  /** The OAuth client that asks. */
  readonly client: string
  readonly query: string
  readonly operationName?: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface Reference {
  /** The answer as JSON has it. Throws where it has errors: such a question measures nothing. */
  answer(question: BenchQuestion): Promise<unknown>
  close(): Promise<void>
}

const ROLE = 'bench_reference'

export async function openReference(site: BenchSite): Promise<Reference> {
  const peer = await openPeer({
    configFile: await site.configFile({ cached: false, role: ROLE }),
    restartImageFile: site.restartImageFile,
    issuer: site.issuer,
    tokenMemo: false,
  })
  return {
    async answer({ client, query, operationName, variables }) {
      const contextValue = await peer.contextFor(`Bearer ${await site.token(client)}`)
      const answer = await graphql({
        schema: peer.schema,
        source: query,
        contextValue,
        ...(variables && { variableValues: variables }),
        ...(operationName !== undefined && { operationName }),
      })
      if (answer.errors) throw new Error(`${client} cannot be asked ${query}: ${answer.errors[0]?.message}`)
      return JSON.parse(JSON.stringify(answer))
    },
    close: peer.close,
  }
}

/** An answer of the size that most have: ten parts at the sites of a retailer. */
export async function referenceBytes(site: BenchSite): Promise<Buffer> {
  const reference = await openReference(site)
  try {
    const client = site.retailers[0]?.client ?? site.internal.client
    const variables = { partNumbers: site.partNumbers.slice(0, 10) }
    return Buffer.from(JSON.stringify(await reference.answer({ client, query: TEN_PARTS, variables })))
  } finally {
    await reference.close()
  }
}

const TEN_PARTS = `query Availability($partNumbers: [PartNumber!]!) {
  partAvailability(partNumbers: $partNumbers) {
    requestedPartNumber
    outcome
    lines { site { bpns name } quantityAvailableToPromise { value unit } nextInboundOn lastUpdatedOnDateTime }
  }
}`
