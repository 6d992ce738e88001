import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { tap } from 'rxjs'
import { NextBuildDocument, PartsEnquiryDocument } from '../generated/graphql.ts'
import { gatewayUrl, token } from './environment.ts'
import { notesOf } from './notes.ts'
import { createPatientFetch } from './patient-fetch.ts'

/** A retailer with Apollo Client: `TOKEN=… node examples/typescript/src/retailer-with-apollo.ts LR106259 LR453679` */

/** Apollo Client hands on data and errors, and not what else the gateway says of an answer. */
const warnings = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    tap(({ extensions }) => {
      for (const note of notesOf({ extensions })) console.log(note)
    }),
  ),
)

/** By GET and by id, so that an answer that has not changed is not sent again. */
const persisted = new PersistedQueryLink({
  useGETForHashedQueries: true,
  generateHash: document => String((document as { __meta__?: { hash?: string } }).__meta__?.hash),
  // A gateway that was not given the manifest is asked with the whole document from then on.
  disable: ({ meta }) => meta.persistedQueryNotFound,
})

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([warnings, persisted, new HttpLink({ uri: gatewayUrl, fetch: createPatientFetch({ token }) })]),
  // Its extension would make every URL longer.
  enhancedClientAwareness: { transport: false },
})

/** The rest of an answer stands when one system is closed. */
const errorPolicy = 'all'

const partNumbers = process.argv.slice(2)
const enquiry = await client.query({ query: PartsEnquiryDocument, variables: { partNumbers }, errorPolicy })
tell(enquiry.error)
for (const entry of enquiry.data?.partAvailability ?? []) {
  const { requestedPartNumber, outcome, part, lines } = entry
  console.log(`${requestedPartNumber}: ${outcome}, ${part?.description ?? 'no such part'}`)
  const current = part?.supersession?.currentPartNumber
  if (current !== undefined) console.log(`  order ${current} in its place`)
  for (const { site, quantityAvailableToPromise: promised } of lines ?? [])
    console.log(`  ${promised.value} ${promised.unit} at ${site.name}`)
}

const vin = 'SALWA9AW9TA426326'
const build = await client.query({ query: NextBuildDocument, variables: { vin }, errorPolicy })
tell(build.error)
console.log(`The build: ${build.data?.vehicleBuild?.status ?? 'not known now'}`)

/** Errors of single fields; anything else, as a refused token, is thrown. */
function tell(error: Error | undefined): void {
  if (error === undefined) return
  if (!CombinedGraphQLErrors.is(error) || error.data == null) throw error
  for (const note of notesOf(error)) console.log(note)
}
