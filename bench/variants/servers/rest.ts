import fastify from 'fastify'
import { execute, parse } from 'graphql'
import { openPeer } from '../peer-context.ts'
import { parsePeerOptions } from '../peer-options.ts'

/** The HTTP service behind Tailcall: parts and their availability for the partner whose token comes, whole records as JSON. */

const options = parsePeerOptions(process.argv)
const peer = await openPeer(options)
const PART = `partNumber description baseUnit active
  supersession { kind supersededByPartNumber currentPartNumber chain effectiveFrom useUpOldStock }
  provenance { ...provenance }`
const QUANTITY = '{ value unit }'
const PROVENANCE = 'fragment provenance on DataProvenance { system asOf origin reconciledThrough gapFrom gapUntil }'
const AVAILABILITY = parse(`query ($partNumbers: [PartNumber!]!) {
  partAvailability(partNumbers: $partNumbers) {
    requestedPartNumber outcome part { id ${PART} } provenance { ...provenance }
    lines {
      site { id bpns bpna name type country timeZone } quantityOnHand ${QUANTITY} quantityAllocated ${QUANTITY}
      quantityAvailableToPromise ${QUANTITY} quantityInTransit ${QUANTITY} quantityOnBackorder ${QUANTITY}
      blocked daysOfSupply nextInboundOn lastUpdatedOnDateTime
    }
  }
} ${PROVENANCE}`)
const ONE_PART = parse(
  `query ($partNumber: PartNumber!) { part(partNumber: $partNumber) { id ${PART} } } ${PROVENANCE}`,
)

interface Asked {
  readonly Querystring: {
    readonly partNumber?: string
    /** One, or as many as the name is repeated. */
    readonly partNumbers?: string | readonly string[]
  }
}

const app = fastify({ logger: false })
app.get<Asked>('/part-availability', async ({ headers, query }) => {
  const contextValue = await peer.contextFor(headers.authorization)
  const variableValues = { partNumbers: [query.partNumbers ?? []].flat() }
  const { data } = await execute({ schema: peer.schema, document: AVAILABILITY, contextValue, variableValues })
  return data?.partAvailability
})
app.get<Asked>('/part', async ({ headers, query }) => {
  const contextValue = await peer.contextFor(headers.authorization)
  const variableValues = { partNumber: query.partNumber }
  const { data } = await execute({ schema: peer.schema, document: ONE_PART, contextValue, variableValues })
  return data?.part
})
await app.listen({ host: '127.0.0.1', port: options.port })
