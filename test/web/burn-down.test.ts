import { describe, expect, test } from '@jest/globals'
import { burnDownOf } from '../../web/page/parts/burn-down-shape.ts'
import type { Backlog } from '../../web/page/view.ts'

const day = (date: number, open: number) => ({ measuredAt: `2025-10-0${date}T05:00:00.000Z`, open })

const backlog = (history: Backlog['history'], estimatedClearDate: string | null): Backlog => ({
  name: 'Supplier invoices to post',
  measuredAt: history.at(-1)?.measuredAt ?? '2025-10-08T05:00:00.000Z',
  open: history.at(-1)?.open ?? 0,
  clearedLast24h: 10,
  oldest: null,
  estimatedClearDate,
  history,
})

describe('the burn-down chart', () => {
  test('goes through what was measured, and from there to nothing on the day that is expected', () => {
    const shape = burnDownOf(backlog([day(5, 400), day(6, 300), day(7, 200)], '2025-10-09'))
    const [first, second, last] = shape?.points ?? []
    expect([first?.x, first?.y, second?.y, last?.y]).toEqual([6, 22, 43.5, 65])
    expect(shape?.trend).toEqual({ path: `M${last?.x} 65L394 108`, x: 394 })
    expect(shape?.description).toBe(
      '400 were open on Sunday 5 October 2025, and 200 on Tuesday 7 October 2025. ' +
        'None is expected to be open on Thursday 9 October 2025.',
    )
  })

  test('promises nothing where nothing is expected', () => {
    const shape = burnDownOf(backlog([day(5, 100), day(6, 120)], null))
    expect([shape?.trend, shape?.points.at(-1)?.x]).toEqual([null, 394])
    expect(shape?.description).toContain('There is no date yet')
  })

  test('does not run back in time where the day is over before the last measurement', () => {
    const shape = burnDownOf(backlog([day(5, 100), day(8, 0)], '2025-10-07'))
    expect(shape?.trend).toEqual({ path: 'M394 108L394 108', x: 394 })
  })

  test('is not there with a single measurement', () => {
    expect(burnDownOf(backlog([day(5, 100)], null))).toBeNull()
    expect(burnDownOf(backlog([], null))).toBeNull()
  })
})
