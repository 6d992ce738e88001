import { SYSTEM_KEYS } from '../../../model/system.ts'
import type { RecoveryState, RestartUpdate } from '../../state.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import { nameIn } from '../../statements/vocabulary.ts'
import { put } from './ordered-list.ts'
import { changeSystem } from './system-change.ts'

/** Publishes news, and replaces what it says of the restart and of its systems. */
export function withRestartUpdate(state: RecoveryState, { claims }: StatementOf<'restart-update'>): RecoveryState {
  const { sub, published_at: publishedAt, audience, public: isPublic = false, title, body, affects } = claims
  const phase = claims.phase ?? state.phase
  const update: RestartUpdate = { id: nameIn(sub), publishedAt, audience, isPublic, phase, title, body, affects }
  const published: RecoveryState = {
    ...state,
    updates: put(state.updates, update, ({ id }) => id === update.id, newestFirst),
    headline: claims.headline ?? state.headline,
    phase,
    nextUpdateBy: claims.next_update_by === undefined ? state.nextUpdateBy : claims.next_update_by,
    publicFacets: claims.public_facets ?? state.publicFacets,
  }
  return SYSTEM_KEYS.reduce((before, key) => {
    const said = claims.systems?.[key]
    if (said === undefined) return before
    return changeSystem(before, key, system => ({
      ...system,
      nextUpdateBy: said.next_update_by === undefined ? system.nextUpdateBy : said.next_update_by,
      knownLimitations: said.known_limitations ?? system.knownLimitations,
      workaround: said.workaround === undefined ? system.workaround : said.workaround,
      reconciledThrough: said.reconciled_through === undefined ? system.reconciledThrough : said.reconciled_through,
    }))
  }, published)
}

function newestFirst(one: RestartUpdate, other: RestartUpdate): number {
  return Date.parse(other.publishedAt) - Date.parse(one.publishedAt) || (one.id < other.id ? -1 : 1)
}
