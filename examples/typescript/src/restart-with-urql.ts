import { Client, fetchExchange } from '@urql/core'
import { persistedExchange } from '@urql/exchange-persisted'
import { RestartDocument } from '../generated/graphql.ts'
import { gatewayUrl, token } from './environment.ts'
import { notesOf } from './notes.ts'
import { createPatientFetch } from './patient-fetch.ts'

/** How far the restart has come, with urql: `TOKEN=… node examples/typescript/src/restart-with-urql.ts` */

const client = new Client({
  url: gatewayUrl,
  fetch: createPatientFetch({ token }),
  preferGetMethod: 'force',
  exchanges: [
    // By id alone: the gateway has to know the manifest.
    persistedExchange({
      preferGetForPersistedQueries: true,
      enforcePersistedQueries: true,
      generateHash: async (_, document) => String((document as { __meta__?: { hash?: string } }).__meta__?.hash),
    }),
    fetchExchange,
  ],
})

const { data, error, extensions } = await client.query(RestartDocument, {}).toPromise()
for (const note of notesOf({ errors: error?.graphQLErrors, extensions })) console.log(note)
if (data === undefined) throw error ?? new Error('the gateway has answered nothing')

const { headline, phase, nextUpdateBy, systems, plannedReopenings } = data.restartStatus
console.log(headline)
console.log(`Phase: ${phase}. Next update by ${nextUpdateBy ?? 'a time that is not set yet'}.`)
for (const { name, lifecycle, answersViewer, provenance } of systems) {
  const asOf = provenance === null ? '' : `, as of ${provenance.asOf}`
  console.log(`${name}: ${lifecycle}${answersViewer ? ' and answers you' : ''}${asOf}`)
}
for (const { system, status, scheduledFor, conditions } of plannedReopenings)
  if (system !== null && status === 'SCHEDULED') console.log(`${system} is planned for ${scheduledFor}: ${conditions}`)
