import { describe, expect, test } from '@jest/globals'
import {
  part,
  partAvailability,
  partStock,
  partSupersession,
  partsDelivery,
  partsDeliveryLine,
  partsOrderLine,
  siteService,
} from '../../src/systems/relations/parts-logistics.ts'
import { ANCHOR_DATE, dataset, exact, groupBy, indexBy, rowsOf, sum } from './rows.ts'

const parts = indexBy(rowsOf(part), row => row.partNumber)

describe('parts', () => {
  test('every chain of supersession ends at an active part after one to four steps, without a circle', () => {
    const lengths = new Set<number>()
    for (const { partNumber } of parts.values()) {
      const seen = [partNumber]
      for (
        let next = parts.get(partNumber)?.supersededByPartNumber;
        next;
        next = parts.get(next)?.supersededByPartNumber
      ) {
        expect(seen).not.toContain(next)
        seen.push(next)
      }
      expect(parts.get(seen.at(-1) ?? '')?.active).toBe(true)
      lengths.add(seen.length - 1)
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4])
  })

  test('part_supersession says what following each part’s successor says, for exactly the superseded parts', () => {
    const chains = indexBy(rowsOf(partSupersession), row => row.partNumber)
    for (const row of parts.values()) {
      const chain = chains.get(row.partNumber)
      expect(chain === undefined).toBe(row.supersededByPartNumber === null)
      if (chain === undefined) continue
      expect(chain.chain[0]).toBe(row.partNumber)
      expect(chain.chain.at(-1)).toBe(chain.currentPartNumber)
      for (const [step, member] of chain.chain.entries()) {
        expect(parts.get(member)?.supersededByPartNumber ?? undefined).toBe(chain.chain[step + 1])
      }
    }
  })

  test('a superseded part says how and since when; a current one says neither', () => {
    for (const row of parts.values()) {
      const superseded = row.supersededByPartNumber !== null
      expect(row.supersessionKind !== null).toBe(superseded)
      expect(row.effectiveFrom !== null).toBe(superseded)
      expect(row.active).toBe(!superseded)
    }
  })

  test('a chain was superseded step by step: later members later', () => {
    for (const { chain } of rowsOf(partSupersession)) {
      const dates = chain.map(member => parts.get(member)?.effectiveFrom).filter(date => typeof date === 'string')
      expect(dates).toEqual(dates.toSorted())
      expect(dates.every(date => date <= ANCHOR_DATE)).toBe(true)
    }
  })
})

describe('stock and availability', () => {
  const stock = groupBy(rowsOf(partStock), row => `${row.partNumber} ${row.siteBpns}`)

  test('what may be promised is unrestricted stock less what is allocated, never less than nothing', () => {
    const availability = rowsOf(partAvailability)
    expect(availability).toHaveLength(stock.size)
    for (const row of availability) {
      const holdings = stock.get(`${row.partNumber} ${row.siteBpns}`) ?? []
      const free = holdings.filter(({ stockStatus }) => stockStatus === 'UNRESTRICTED')
      const promised =
        sum(free.map(({ quantityOnHand }) => exact(quantityOnHand))) -
        sum(holdings.map(({ quantityAllocated }) => exact(quantityAllocated)))
      expect(exact(row.quantityAvailableToPromise)).toBe(promised)
      expect(promised >= 0n).toBe(true)
      expect(row.blocked).toBe(holdings.some(({ stockStatus }) => stockStatus === 'BLOCKED'))
      if (row.blocked) expect(promised).toBe(0n)
      expect(new Set([row.unit, ...holdings.map(({ unit }) => unit)])).toEqual(
        new Set([parts.get(row.partNumber)?.baseUnit]),
      )
      expect(row.nextInboundOn !== null).toBe(exact(row.quantityInTransit) > 0n)
    }
  })

  test('all thirteen parts sites hold stock, and each partner’s own list is the one that site_service says', () => {
    expect(new Set(rowsOf(partAvailability).map(({ siteBpns }) => siteBpns)).size).toBe(13)
    const services = groupBy(rowsOf(siteService), row => row.retailerBpnl)
    for (const retailer of dataset.partners.retailers) {
      const rows = services.get(retailer.bpnl) ?? []
      expect(rows.map(({ siteBpns }) => siteBpns)).toEqual(retailer.region.served.map(({ bpns }) => bpns))
      expect(rows.map(({ rank }) => rank)).toEqual(rows.map((_, index) => index + 1))
      expect(new Set(rows.map(({ shipToBpns }) => shipToBpns))).toEqual(new Set([retailer.bpns]))
    }
  })
})

describe('parts orders and deliveries', () => {
  const lines = indexBy(rowsOf(partsOrderLine), row => `${row.supplierOrderId} ${row.positionId}`)
  const deliveries = indexBy(rowsOf(partsDelivery), row => row.deliveryId)
  const carried = groupBy(rowsOf(partsDeliveryLine), row => `${row.supplierOrderId} ${row.positionId}`)

  test('every state of an order line can be seen', () => {
    expect(new Set([...lines.values()].map(({ status }) => status)).size).toBe(8)
    expect(new Set([...lines.values()].map(({ orderClass }) => orderClass)).size).toBe(3)
  })

  test('quantities of a line add up, and what was despatched is what its deliveries carry', () => {
    for (const [key, line] of lines) {
      const [ordered, ...placed] = [
        line.quantityOrdered,
        line.quantityAllocated,
        line.quantityDespatched,
        line.quantityOnBackorder,
      ].map(exact)
      expect(sum(placed)).toBe(line.status === 'RECEIVED' || line.status === 'CANCELLED' ? 0n : ordered)
      const carriedHere = carried.get(key) ?? []
      expect(sum(carriedHere.map(({ quantity }) => exact(quantity)))).toBe(exact(line.quantityDespatched))
      for (const { retailerBpnl, partNumber, unit } of carriedHere) {
        expect(retailerBpnl).toBe(line.retailerBpnl)
        expect(partNumber).toBe(line.suppliedPartNumber ?? line.partNumber)
        expect(unit).toBe(line.unit)
      }
    }
  })

  test('lines name real parts, and a superseded one is supplied as the current one', () => {
    for (const line of lines.values()) {
      expect(line.unit).toBe(parts.get(line.partNumber)?.baseUnit)
      if (line.suppliedPartNumber !== null) expect(parts.get(line.suppliedPartNumber)?.active).toBe(true)
    }
    expect([...lines.values()].some(({ suppliedPartNumber }) => suppliedPartNumber !== null)).toBe(true)
  })

  test('a delivery belongs to the owner of its lines, carries something, and arrives after it left', () => {
    const used = groupBy(rowsOf(partsDeliveryLine), row => row.deliveryId)
    expect([...used.keys()].sort()).toEqual([...deliveries.keys()].sort())
    for (const [id, delivery] of deliveries) {
      for (const line of used.get(id) ?? []) expect(line.retailerBpnl).toBe(delivery.retailerBpnl)
      expect(String(delivery.departureAt) < String(delivery.arrivalAt)).toBe(true)
      expect(delivery.arrivalActual).toBe(String(delivery.arrivalAt).slice(0, 10) < ANCHOR_DATE)
    }
  })

  test('a line is delivered exactly when all of it was despatched and has arrived', () => {
    for (const [key, line] of lines) {
      const arrived = (carried.get(key) ?? []).map(({ deliveryId }) => deliveries.get(deliveryId)?.arrivalActual)
      if (line.status === 'DELIVERED') expect(new Set(arrived)).toEqual(new Set([true]))
      if (line.status === 'DESPATCHED') expect(new Set(arrived)).toEqual(new Set([false]))
    }
  })
})
