import { afterEach, beforeEach } from '@jest/globals'
import type { MappedConnector } from '../../../src/connectors/mapped-connector.ts'
import type { PageQuery } from '../../../src/systems/connector.ts'
import { partSupersession } from '../../../src/systems/relations/parts-logistics.ts'
import { connect } from './connecting.ts'
import { PART_RELATIONS, type ScriptedServer, startScripted } from './scripted.ts'

/** Before each test a scripted server of part supersessions, a connector to it, and a clock of theirs; gone after it. */
export interface ScriptedParts {
  readonly server: ScriptedServer
  connector: MappedConnector
  /** Unix milliseconds of the connector's clock. */
  now: number
  /** A connector with other settings, closed after the test. */
  open(settings: Readonly<Record<string, unknown>>): Promise<MappedConnector>
  lookup(number?: string, signal?: AbortSignal): ReturnType<MappedConnector['lookup']>
  page(query?: Partial<PageQuery>): ReturnType<MappedConnector['page']>
}

export const START_MS = Date.parse('2025-10-08T06:00:00Z')
const never = new AbortController().signal

export function scriptedParts(): ScriptedParts {
  let server: ScriptedServer
  let connector: MappedConnector
  const connectors: MappedConnector[] = []
  const parts: ScriptedParts = {
    get server() {
      return server
    },
    get connector() {
      return connector
    },
    set connector(other) {
      connector = other
    },
    now: START_MS,
    async open(settings) {
      const clock = { now: () => parts.now }
      const opened = await connect(
        { version: 'V2', baseUrl: server.url, relations: PART_RELATIONS, ...settings },
        clock,
      )
      connectors.push(opened)
      return opened
    },
    lookup: (number = 'LR1', signal = never) =>
      connector.lookup(
        partSupersession,
        { columns: ['partNumber'], keys: [[number]], visible: { kind: 'all' } },
        signal,
      ),
    page: (query = {}) =>
      connector.page(
        partSupersession,
        { visible: { kind: 'all' }, where: [], after: null, first: 10, ...query },
        never,
      ),
  }
  beforeEach(async () => {
    parts.now = START_MS
    server = await startScripted()
    connector = await parts.open({})
  })
  afterEach(async () => {
    await Promise.all(connectors.splice(0).map(each => each.close()))
    await server.close()
  })
  return parts
}
