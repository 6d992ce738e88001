import type { GuardResult } from '../recovery/lifecycle/guard-result.ts'
import { renderTable } from './table.ts'

/** The guards of a step, one a row. Called wherever guards are shown. */
export function renderGuards(guards: readonly GuardResult[], width?: number): string {
  const rows = guards.map(({ guard, outcome, code, reason }) => [guard, outcome, code ?? '–', reason])
  return renderTable({ columns: ['guard', 'outcome', 'csf', 'reason'], rows }, width)
}
