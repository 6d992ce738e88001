import { createSteadyClock } from '../../src/model/steady-clock.ts'
import { provenanceOf } from '../../src/recovery/reading/provenance.ts'
import { bpnl, integer, text } from '../../src/systems/columns.ts'
import type { RawRow, RowFilter } from '../../src/systems/connector.ts'
import { defineRelation } from '../../src/systems/relation.ts'
import { createRestoredSystem } from '../../src/systems/restored-system.ts'
import { declaredState } from '../support/declared-recovery.ts'
import { createScriptedConnector, type Script } from './scripted-connector.ts'
import { shieldOf } from './shield/shields.ts'
import { ALPHA } from './viewer.ts'

export const KEY = 'WHOLESALE_FINANCE'
/** Lines by number and position, each with an owner. */
export const line = defineRelation(KEY, 'line', {
  columns: { number: text(), position: integer(), owner: bpnl() },
  key: ['number', 'position'],
  access: { kind: 'owned', columns: ['owner'] },
  lookups: [['number']],
})
export const ALPHAS: RowFilter = { kind: 'owner', columns: ['owner'], value: ALPHA }
export const row = (number: unknown, position: unknown = 1, owner: unknown = ALPHA): RawRow => ({
  number,
  position,
  owner,
})
export const ASKER = { by: ALPHA, waitedMs: 0, confirm: () => {} }
const PAGE = { where: [], after: null, first: 10 }

/** A restored system of lines over a source that does as a test says: reads in 100 ms, the proof in 500. */
export function systemOver(script: Script) {
  const connector = createScriptedConnector(script)
  const reports: string[] = []
  let now = Date.parse('2025-10-08T05:30:00Z')
  const clock = { now: () => now }
  const system = createRestoredSystem({
    key: KEY,
    relations: [line],
    connector,
    shield: shieldOf({ system: KEY, deadlineMs: 100, clock: createSteadyClock(clock) }),
    probeDeadlineMs: 500,
    provenanceOf: asOf => provenanceOf(declaredState().systems[KEY], asOf),
    border: {
      isKnownSite: () => true,
      foreignRows: (_relation, count) => void reports.push(`${count} foreign`),
      malformedRows: (_relation, count) => void reports.push(`${count} malformed`),
    },
    clock,
  })
  const lookup = (...numbers: string[]) =>
    system.lookup(
      line,
      ['number'],
      numbers.map(number => [number]),
      ALPHAS,
      ASKER,
    )
  return {
    system,
    connector,
    reports,
    lookup,
    page: () => system.page(line, PAGE, ALPHAS, ASKER),
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}
