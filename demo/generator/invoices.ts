import type { Currency, Supplier } from './partners.ts'
import { partKind, partNumberAt, suppliedPartAt, suppliedPartCount } from './parts.ts'
import type { Random } from './random.ts'
import { STORY } from './story.ts'
import type { World } from './world.ts'

/**
 * A supplier's invoices as they arrived, oldest first, before anyone has paid: days are counted from the anchor, amounts
 * are whole pence or cents. `ledger.ts` turns them into rows once it knows what was paid.
 */
export interface InvoiceDraft {
  readonly companyCode: string
  readonly invoiceNumber: string
  readonly reference: string
  readonly credit: boolean
  readonly currency: Currency
  readonly documentDay: number
  /** Null where a paper invoice was read in without its day of receipt. */
  readonly receivedDay: number | null
  /** Null while it waits to be posted. */
  readonly postedDay: number | null
  readonly dueDay: number
  readonly verdict: Verdict
  readonly lines: readonly LineDraft[]
  /** Net of all lines and value added tax; negative for a credit note. */
  readonly gross: number
}

/** What invoice verification found, apart from the course of things. */
type Verdict = 'FINE' | 'BLOCKED' | 'QUERIED' | 'CONDITIONAL' | 'REJECTED'

interface LineDraft {
  readonly purchaseOrder: string
  readonly purchaseOrderItem: string
  readonly partNumber: string | null
  readonly quantity: number
  readonly unit: string
  readonly net: number
}

/** Domestic invoices bear tax at 20 %; for the others the charge is reversed. */
const taxOn = (net: number, currency: Currency) => (currency === 'GBP' ? Math.round(net / 5) : 0)

/** How much fewer invoices a day of the standstill brings. */
const STANDSTILL_RATE = 0.45

function documentDayAt(share: number): number {
  const before = STORY.shutdown - STORY.firstInvoice
  const x = share * (before - STORY.shutdown * STANDSTILL_RATE)
  return x < before ? STORY.firstInvoice + Math.floor(x) : STORY.shutdown + Math.floor((x - before) / STANDSTILL_RATE)
}

/** What came during the outage is read in after it, oldest first; paper may have lost its day. */
function receiptOf(random: Random, documentDay: number): { readonly received: number; readonly known: boolean } {
  const natural = documentDay + random.int(0, 3)
  if (natural < STORY.shutdown) return { received: natural, known: true }
  if (natural >= STORY.systemsBack) return { received: Math.min(natural, -1), known: true }
  const waited = (natural - STORY.shutdown) / (STORY.systemsBack - STORY.shutdown)
  return { received: STORY.systemsBack + Math.floor(waited * 9) + random.int(0, 1), known: random.chance(0.85) }
}

function postingOf(random: Random, received: number): number | null {
  const natural = received + random.int(1, 4)
  if (natural < STORY.shutdown) return natural
  const posted = received < STORY.shutdown ? STORY.systemsBack + random.int(0, 3) : received + random.int(1, 7)
  return posted <= -1 ? posted : null
}

function verdictOf(random: Random, dueDay: number): Verdict {
  const drawn = random.weighted([
    ['FINE', 89],
    ['QUERIED', 6],
    ['REJECTED', 1.5],
    ['CONDITIONAL', 1.5],
    ['BLOCKED', 2],
  ])
  // What was due before the shutdown was settled one way or the other.
  return dueDay < STORY.shutdown && drawn !== 'REJECTED' ? 'FINE' : drawn
}

function linesOf(world: World, supplier: Supplier, random: Random, credit: boolean): readonly LineDraft[] {
  const count = credit ? 1 : random.int(1, 4)
  const sign = credit ? -1 : 1
  const order = random.int(0, 9_999)
  return Array.from({ length: count }, (_, index) => {
    // The last line of some invoices goes to a second order.
    const purchaseOrder = `45${String(supplier.index).padStart(4, '0')}${String((order + (index === 3 ? 1 : 0)) % 10_000).padStart(4, '0')}`
    const purchaseOrderItem = String((index + 1) * 10).padStart(5, '0')
    if (!credit && random.chance(0.04)) {
      const net = random.int(15_000, 900_000)
      return { purchaseOrder, purchaseOrderItem, partNumber: null, quantity: 1, unit: 'H87', net }
    }
    const part = suppliedPartAt(world, supplier.index, random.int(0, suppliedPartCount(world, supplier.index) - 1))
    const { unit, price } = partKind(world, part)
    const quantity = random.int(credit ? 1 : 20, credit ? 15 : 160)
    return {
      purchaseOrder,
      purchaseOrderItem,
      partNumber: partNumberAt(world, part),
      quantity,
      unit,
      net: sign * quantity * price,
    }
  })
}

export function invoicesOf(world: World, supplier: Supplier): readonly InvoiceDraft[] {
  const { calendar } = world
  const { from, count } = supplier.invoices
  const firstReference = supplier.referencePrefix === 'INV' ? 1 : 20_000 + 137 * (supplier.index % 500)
  return Array.from({ length: count }, (_, index) => {
    const random = world.random('invoice', from + index)
    const documentDay = Math.min(calendar.workingDayUntil(documentDayAt((index + random.unit()) / count)), -1)
    const credit = random.chance(0.03)
    const currency = random.chance(0.75) ? supplier.currencies[0] : (supplier.currencies[1] ?? supplier.currencies[0])
    const dueDay = documentDay + (supplier.terms === '30 days net' ? 30 : 60)
    const verdict = credit ? 'FINE' : verdictOf(random, dueDay)
    const { received, known } = receiptOf(random, documentDay)
    const posted = postingOf(random, received)
    const lines = linesOf(world, supplier, random, credit)
    const net = lines.reduce((sum, line) => sum + line.net, 0)
    return {
      companyCode: currency === 'GBP' ? '1000' : '2000',
      invoiceNumber: String(5_100_000_000 + from + index),
      reference: `${supplier.referencePrefix}-${String(firstReference + index).padStart(6, '0')}`,
      credit,
      currency,
      documentDay,
      receivedDay: known ? received : null,
      postedDay: known || posted !== null ? posted : -1,
      dueDay,
      verdict,
      lines,
      gross: net + taxOn(net, currency),
    }
  })
}
