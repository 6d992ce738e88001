import type {
  RemittanceLineRow,
  SupplierInvoiceLineRow,
  SupplierInvoiceRow,
  SupplierPaymentRow,
} from '../../src/systems/relations/wholesale-finance.ts'
import { money, quantity } from './amount.ts'
import { type InvoiceDraft, invoicesOf } from './invoices.ts'
import type { Supplier } from './partners.ts'
import { type Attempt, paymentPlanOf, prepaidOn } from './payment-plan.ts'
import { counts, paymentOf, type Run, type RunItem, remittanceOf, totalOf } from './payments.ts'
import type { World } from './world.ts'

/**
 * A supplier's ledger: its invoices, the runs that paid them, and what is open since. One supplier's is made at a time and
 * as a whole, so gross − remitted − discounts and adjustments = open holds by construction.
 */
interface Ledger {
  readonly entries: readonly Entry[]
  readonly runs: readonly Run[]
}

interface Entry {
  readonly draft: InvoiceDraft
  readonly expectedDay: number | null
  /** Pence that payments which count have settled. */
  settled: number
  /** Day of the last payment that counts. */
  paidDay: number | null
}

const FISCAL_YEAR = '2025'

function ledgerOf(world: World, supplier: Supplier): Ledger {
  const runs = new Map<string, Run>()
  const add = (attempt: Attempt, currency: Run['currency'], item: Omit<RunItem, 'attempt'>) => {
    const { day, kind, channel, failed } = attempt
    const key = `${String(day + 1_000).padStart(4, '0')} ${channel} ${kind} ${currency} ${failed}`
    const run = runs.get(key) ?? { day, kind, channel, currency, failed, items: [] }
    run.items.push({ attempt, ...item })
    runs.set(key, run)
  }
  const entries = invoicesOf(world, supplier).map((draft): Entry => {
    const plan = paymentPlanOf(world, supplier, draft)
    for (const attempt of plan.attempts) add(attempt, draft.currency, { invoice: draft, reference: draft.reference })
    const prepaid = prepaidOn(world, supplier, draft)
    if (prepaid > 0)
      add(prepayment(world, prepaid, draft.documentDay - 2), draft.currency, onOrder(draft.lines[0]?.purchaseOrder))
    return { draft, expectedDay: plan.expectedDay, settled: 0, paidDay: null }
  })
  for (const order of ordersPrepaid(world, supplier))
    add(prepayment(world, order.amount, order.day), supplier.currencies[0], onOrder(order.number))
  const sorted = [...runs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, run]) => run)
  offsetCredits(entries, sorted)
  settle(entries, sorted)
  return { entries, runs: sorted }
}

const onOrder = (purchaseOrder = 'PO'): Omit<RunItem, 'attempt'> => ({ invoice: null, reference: purchaseOrder })

function prepayment(world: World, amount: number, day: number): Attempt {
  const kind = { kind: 'PREPAYMENT', channel: 'FINANCING_SCHEME', failed: false } as const
  return {
    ...kind,
    day: world.calendar.workingDayUntil(Math.min(day, 0)),
    due: amount,
    discount: 0,
    adjustment: 0,
    remitted: amount,
  }
}

/** Orders of the last days that are prepaid and not invoiced yet. */
function ordersPrepaid(world: World, supplier: Supplier) {
  if (!supplier.financed) return []
  const random = world.random('orders prepaid', supplier.index)
  return Array.from({ length: random.int(1, 4) }, () => ({
    day: random.int(-4, 0),
    amount: random.int(2_000, 60_000) * 100,
    number: `45${String(supplier.index).padStart(4, '0')}${String(random.int(0, 9_999)).padStart(4, '0')}`,
  }))
}

/** A credit note is taken off the first later run of its currency that is larger; until then it stays open. */
function offsetCredits(entries: readonly Entry[], runs: readonly Run[]): void {
  for (const { draft } of entries) {
    const { credit, postedDay, gross, currency, reference } = draft
    if (!credit || postedDay === null) continue
    const run = runs.find(
      r =>
        r.day >= postedDay &&
        r.currency === currency &&
        r.kind === 'INVOICE_SETTLEMENT' &&
        counts(r) &&
        totalOf(r) + gross > 0,
    )
    if (run === undefined) continue
    const { day, kind, channel, failed } = run
    const attempt = { day, kind, channel, failed, due: gross, discount: 0, adjustment: 0, remitted: gross }
    run.items.push({ attempt, invoice: draft, reference })
  }
}

function settle(entries: readonly Entry[], runs: readonly Run[]): void {
  const byDraft = new Map(entries.map(entry => [entry.draft, entry]))
  for (const run of runs.filter(counts)) {
    for (const { attempt, invoice } of run.items) {
      const entry = invoice === null ? undefined : byDraft.get(invoice)
      if (entry === undefined) continue
      entry.settled += attempt.remitted + attempt.discount + attempt.adjustment
      entry.paidDay = Math.max(entry.paidDay ?? run.day, run.day)
    }
  }
}

type Standing = Pick<SupplierInvoiceRow, 'status' | 'statusReasons' | 'requestedAction' | 'paymentBlocked'>

const plain = (status: Standing['status']): Standing => ({
  status,
  statusReasons: [],
  requestedAction: null,
  paymentBlocked: false,
})

function standingOf(world: World, { draft, settled }: Entry): Standing {
  const random = world.random('standing', Number(draft.invoiceNumber) - 5_100_000_000)
  if (settled !== 0)
    return settled === draft.gross ? plain('PAID') : { ...plain('PARTIALLY_PAID'), statusReasons: ['PARTIALLY_PAID'] }
  if (draft.postedDay === null) return plain((draft.receivedDay ?? -9) >= -3 ? 'ACKNOWLEDGED' : 'IN_PROCESS')
  switch (draft.verdict) {
    case 'FINE':
      return plain('ACCEPTED')
    case 'BLOCKED':
      return { ...plain('ACCEPTED'), paymentBlocked: true }
    case 'QUERIED': {
      const [reason, action] = random.pick([
        ['PRICES_INCORRECT', 'CREDIT_PARTIALLY'],
        ['QUANTITY_INCORRECT', 'PROVIDE_INFORMATION'],
        ['REFERENCES_INCORRECT', 'PROVIDE_INFORMATION'],
        ['DELIVERY_ISSUES', 'PROVIDE_INFORMATION'],
        ['ITEM_QUALITY_INSUFFICIENT', 'CREDIT_THE_AMOUNT'],
      ])
      const statusReasons = random.chance(0.2) ? [reason, 'OTHER' as const] : [reason]
      return { status: 'UNDER_QUERY', statusReasons, requestedAction: action, paymentBlocked: true }
    }
    case 'CONDITIONAL':
      return {
        ...plain('CONDITIONALLY_ACCEPTED'),
        statusReasons: ['PAYMENT_TERMS_INCORRECT'],
        requestedAction: 'NO_ACTION_REQUIRED',
      }
    case 'REJECTED': {
      const reason = random.pick(['LEGAL_INFORMATION_INCORRECT', 'NOT_RECOGNIZED', 'ITEMS_INCORRECT'])
      return { ...plain('REJECTED'), statusReasons: [reason], requestedAction: 'ISSUE_NEW_INVOICE' }
    }
    default:
      return draft.verdict satisfies never
  }
}

function invoiceRow(world: World, supplier: Supplier, entry: Entry): SupplierInvoiceRow {
  const { calendar } = world
  const { draft, settled, paidDay } = entry
  const standing = standingOf(world, entry)
  const minute = 6 * 60 + (Number(draft.invoiceNumber) % 720)
  // A rejected invoice is owed to nobody; it has to be issued anew.
  const open = standing.status === 'REJECTED' ? 0 : draft.gross - settled
  const waits = open > 0 && !standing.paymentBlocked && entry.expectedDay !== null
  return {
    companyCode: draft.companyCode,
    invoiceNumber: draft.invoiceNumber,
    fiscalYear: FISCAL_YEAR,
    supplierBpnl: supplier.bpnl,
    supplierInvoiceReference: draft.reference,
    type: draft.credit ? 'CREDIT_NOTE' : 'COMMERCIAL_INVOICE',
    documentDate: calendar.date(draft.documentDay),
    receivedAt: draft.receivedDay === null ? null : calendar.past(draft.receivedDay, minute),
    postingDate: draft.postedDay === null ? null : calendar.date(draft.postedDay),
    grossAmount: money(draft.gross),
    openAmount: money(open),
    currency: draft.currency,
    purchaseOrders: [...new Set(draft.lines.map(line => line.purchaseOrder))],
    paymentTerms: draft.credit ? null : supplier.terms,
    netDueDate: draft.credit ? null : calendar.date(draft.dueDay),
    ...standing,
    expectedPaymentDate: waits && entry.expectedDay !== null ? calendar.date(entry.expectedDay) : null,
    lastUpdatedOn: calendar.past(paidDay ?? draft.postedDay ?? draft.receivedDay ?? -1, minute + 30),
  }
}

function* ledgers(world: World): Generator<readonly [Supplier, Ledger]> {
  for (const supplier of world.partners.suppliers) yield [supplier, ledgerOf(world, supplier)]
}

/** Runs with their serials: unique among all payments. */
const serials = (supplier: Supplier, { runs }: Ledger) =>
  runs.map(
    (run, index) => [run, `2${String(supplier.index).padStart(5, '0')}${String(index).padStart(4, '0')}`] as const,
  )

export function* supplierInvoices(world: World): Generator<SupplierInvoiceRow> {
  for (const [supplier, { entries }] of ledgers(world))
    for (const entry of entries) yield invoiceRow(world, supplier, entry)
}

export function* supplierInvoiceLines(world: World): Generator<SupplierInvoiceLineRow> {
  for (const supplier of world.partners.suppliers) {
    for (const { companyCode, invoiceNumber, currency, lines } of invoicesOf(world, supplier)) {
      for (const [index, { net, quantity: units, ...line }] of lines.entries()) {
        yield {
          companyCode,
          invoiceNumber,
          fiscalYear: FISCAL_YEAR,
          line: index + 1,
          supplierBpnl: supplier.bpnl,
          ...line,
          quantity: quantity(units),
          netAmount: money(net),
          currency,
        }
      }
    }
  }
}

export function* supplierPayments(world: World): Generator<SupplierPaymentRow> {
  for (const [supplier, ledger] of ledgers(world)) {
    for (const [run, serial] of serials(supplier, ledger)) yield paymentOf(world, supplier, run, serial)
  }
}

export function* remittanceLines(world: World): Generator<RemittanceLineRow> {
  for (const [supplier, ledger] of ledgers(world)) {
    for (const [run, serial] of serials(supplier, ledger)) yield* remittanceOf(supplier, run, serial)
  }
}
