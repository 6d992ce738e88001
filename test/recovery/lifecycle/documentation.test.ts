import { beforeAll, describe, expect, test } from '@jest/globals'
import { LIFECYCLES } from '../../../src/model/system.ts'
import { guardsOf, isStep } from '../../../src/recovery/lifecycle/steps.ts'
import { touchesIntegrity } from '../../../src/recovery/lifecycle/suspension.ts'
import { SUSPENSION_CAUSES } from '../../../src/recovery/system-state.ts'
import { readText, tableIn } from '../../docs/project.ts'

let page: string
beforeAll(async () => {
  page = await readText('docs/lifecycle.md')
})

const unmarked = (cell: string | undefined) => (cell ?? '').replaceAll('`', '')

describe('docs/lifecycle.md', () => {
  test('has every state and the steps from it, and no other', () => {
    const rows = tableIn(page, 'state', 'what it means', 'steps from here')
    expect(rows.map(([state, , steps]) => [state, unmarked(steps).split(', ')])).toEqual(
      LIFECYCLES.map(from => [from, LIFECYCLES.filter(to => isStep(from, to))]),
    )
  })

  test('has every guard of every step and no other, with its code, and says what to do', () => {
    const rows = tableIn(page, 'step', 'guard', 'code', 'looks', 'what must hold', 'what to do')
    expect(rows.map(([step, guard, code, looks]) => [step, guard, code, looks])).toEqual(
      LIFECYCLES.flatMap(to =>
        guardsOf(to).map(({ name, code, observes }) => [to, name, code ?? 'none', observes ? 'yes' : 'no']),
      ),
    )
    for (const row of rows) expect(row).not.toContain('')
  })

  test('has every cause of a suspension and no other, and says where it leaves the data in doubt', () => {
    const rows = tableIn(page, 'cause', 'data in doubt', 'when')
    expect(rows.map(([cause, inDoubt]) => [cause, inDoubt])).toEqual(
      SUSPENSION_CAUSES.map(cause => [cause, touchesIntegrity({ cause, distrustSince: null }) ? 'yes' : 'no']),
    )
  })
})
