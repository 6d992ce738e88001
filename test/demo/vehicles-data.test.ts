import { describe, expect, test } from '@jest/globals'
import { sitesOf } from '../../demo/generator/directory.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import {
  materialDemand,
  productionLine,
  productionSchedule,
  vehicleBuild,
} from '../../src/systems/relations/production-schedule.ts'
import {
  supplierInvoiceLine,
  vehicleWholesale,
  wholesaleFunding,
} from '../../src/systems/relations/wholesale-finance.ts'
import { ANCHOR_DATE, dataset, exact, groupBy, indexBy, rowsOf } from './rows.ts'

const wholesales = indexBy(rowsOf(vehicleWholesale), row => row.billingDocument)

describe('vehicle wholesales and their funding', () => {
  test('a VIN has one live wholesale; a credited one stands beside the one that replaced it', () => {
    const byVin = groupBy(wholesales.values(), ({ vin }) => vin)
    for (const [vin, rows] of byVin) {
      expect(vin).toMatch(/^SAL[A-HJ-NPR-Z0-9]{10}[0-9]{4}$/)
      expect(rows.filter(({ status }) => status !== 'CREDITED')).toHaveLength(1)
    }
    expect([...byVin.values()].filter(rows => rows.length > 1).length).toBeGreaterThan(3)
  })

  test('net and tax are gross', () => {
    for (const row of wholesales.values()) {
      expect(exact(row.netAmount) + exact(row.taxAmount)).toBe(exact(row.grossAmount))
    }
  })

  test('the status of the funding is the funding’s own, and an unfunded wholesale has none', () => {
    const fundings = indexBy(rowsOf(wholesaleFunding), row => row.billingDocument)
    for (const row of wholesales.values()) {
      const funding = fundings.get(row.billingDocument)
      expect(funding?.status ?? 'UNFUNDED').toBe(row.fundingStatus)
      if (funding !== undefined)
        expect([funding.retailerBpnl, funding.currency]).toEqual([row.retailerBpnl, row.currency])
      if (row.status === 'ORDERED' || row.status === 'BUILT') expect(row.fundingStatus).toBe('UNFUNDED')
      if (row.status === 'CREDITED') expect(['REPURCHASED', 'UNFUNDED']).toContain(row.fundingStatus)
    }
    expect([...fundings.keys()].filter(document => !wholesales.has(document))).toEqual([])
    expect(new Set([...wholesales.values()].map(({ fundingStatus }) => fundingStatus)).size).toBe(8)
    expect(new Set([...wholesales.values()].map(({ status }) => status)).size).toBe(6)
  })

  test('what is settled owes nothing, what is only asked for has no amount, and dates follow each other', () => {
    for (const row of rowsOf(wholesaleFunding)) {
      const asked = row.status === 'FUNDING_REQUESTED' || row.status === 'DECLINED'
      const closed = row.status === 'SETTLED' || row.status === 'REPURCHASED'
      expect(
        [row.fundedAmount, row.fundedOn, row.outstandingAmount, row.reference].every(value => value === null),
      ).toBe(asked)
      expect(row.settledOn !== null).toBe(closed)
      if (closed) expect(row.outstandingAmount).toBe('0.00')
      if (row.settledOn !== null)
        expect(String(row.fundedOn) <= row.settledOn && row.settledOn <= ANCHOR_DATE).toBe(true)
      expect(row.consignmentEndsOn !== null).toBe(row.status === 'CONSIGNMENT')
    }
  })

  test('a vehicle may be registered only when it is delivered and paid for', () => {
    for (const row of wholesales.values()) {
      const paid = row.fundingStatus === 'ADOPTED' || row.fundingStatus === 'SETTLED'
      expect(row.registrationReleased).toBe(row.status === 'DELIVERED' && paid)
    }
  })
})

describe('vehicle builds', () => {
  const builds = rowsOf(vehicleBuild)

  test('a build that has a VIN has a live wholesale of that VIN and retailer; one still to come has none', () => {
    const live = indexBy(
      [...wholesales.values()].filter(({ status }) => status !== 'CREDITED'),
      ({ vin }) => vin,
    )
    const named = indexBy(
      builds.filter(({ vin }) => vin !== null),
      ({ vin }) => String(vin),
    )
    for (const build of named.values()) {
      const wholesale = live.get(String(build.vin))
      expect(wholesale?.retailerBpnl).toBe(build.retailerBpnl)
      expect(build.status === 'COMPLETED').toBe(wholesale?.status !== 'ORDERED')
    }
    for (const wholesale of live.values()) {
      if (wholesale.status === 'ORDERED' || wholesale.status === 'BUILT') expect(named.has(wholesale.vin)).toBe(true)
    }
    expect(builds.some(({ vin, status }) => vin === null && status === 'PLANNED')).toBe(true)
  })

  test('no vehicle was finished while the plants stood still, and none to come is late already', () => {
    for (const { status, estimatedTimeOfCompletion: at } of builds) {
      expect(at === null).toBe(status === 'CANCELLED')
      if (at !== null) expect(status === 'COMPLETED' ? at < '2025-09-01' : at > ANCHOR_DATE).toBe(true)
    }
  })
})

describe('schedule and demand', () => {
  const sites = new Set(sitesOf(dataset).map(({ bpns }) => bpns))

  test('every entry has the site and shop of its line, and counts only what is finished', () => {
    const lines = indexBy(rowsOf(productionLine), row => row.lineCode)
    for (const row of rowsOf(productionSchedule)) {
      const line = lines.get(row.lineCode)
      expect([row.siteBpns, row.shop]).toEqual([line?.siteBpns, line?.shop])
      expect(sites).toContain(row.siteBpns)
      expect(row.confirmedQuantity !== null).toBe(row.status === 'COMPLETED')
      if (row.status === 'COMPLETED') expect(row.productionDate < ANCHOR_DATE).toBe(true)
      if (row.status === 'CANCELLED') expect(row.plannedQuantity).toBe(0)
      expect((row.confirmedQuantity ?? 0) <= row.plannedQuantity).toBe(true)
    }
    expect(new Set(rowsOf(productionSchedule).map(({ productionDate }) => productionDate)).size).toBe(28)
  })

  test('demand names active parts, in their unit, each of the one supplier that also invoices it', () => {
    const parts = indexBy(rowsOf(part), row => row.partNumber)
    const suppliers = new Map<string, string>()
    const supplies = (partNumber: string, supplier: string) => {
      expect(suppliers.get(partNumber) ?? supplier).toBe(supplier)
      suppliers.set(partNumber, supplier)
    }
    for (const row of rowsOf(materialDemand)) {
      expect(parts.get(row.partNumber)).toMatchObject({ active: true, baseUnit: row.unit })
      expect(sites).toContain(row.customerLocationBpns)
      expect(row.day >= ANCHOR_DATE).toBe(true)
      supplies(row.partNumber, row.supplierBpnl)
    }
    for (const row of rowsOf(supplierInvoiceLine)) {
      if (row.partNumber === null) continue
      expect(parts.get(row.partNumber)?.baseUnit).toBe(row.unit)
      supplies(row.partNumber, row.supplierBpnl)
    }
    expect(new Set(suppliers.values()).size).toBe(60)
  })
})
