import type { RemittanceLineRow, SupplierPaymentRow } from '../../src/systems/relations/wholesale-finance.ts'
import { money } from './amount.ts'
import type { InvoiceDraft } from './invoices.ts'
import type { Currency, Supplier } from './partners.ts'
import type { Attempt } from './payment-plan.ts'
import type { World } from './world.ts'

/**
 * A payment run of a supplier: all attempts of one day, channel, kind and currency make one payment, with a remittance
 * line each. Its status follows from its day, so status, value date and the invoices' open amounts agree.
 */
export interface Run {
  readonly day: number
  readonly kind: SupplierPaymentRow['kind']
  readonly channel: SupplierPaymentRow['channel']
  readonly currency: Currency
  readonly failed: boolean
  readonly items: RunItem[]
}

/** What a run pays: an attempt on an invoice, or a prepayment, whose reference is a purchase order. */
export interface RunItem {
  readonly attempt: Attempt
  readonly invoice: InvoiceDraft | null
  readonly reference: string
}

export const totalOf = (run: Run): number => run.items.reduce((sum, item) => sum + item.attempt.remitted, 0)

/** Whether the buyer has initiated the payment and it stood: only then an invoice is less open (UNCL4343: PD). */
export const counts = (run: Run): boolean => !run.failed && run.day <= 0

type Outcome = Pick<SupplierPaymentRow, 'status' | 'valueDate' | 'statusReasonCode'>

function outcomeOf(world: World, run: Run, serial: string): Outcome {
  const { calendar } = world
  const random = world.random('payment', Number(serial))
  const pending = { valueDate: null, statusReasonCode: null }
  if (run.day > 0) return { ...pending, status: 'SCHEDULED' }
  if (run.failed) {
    return random.chance(0.75)
      ? { ...pending, status: 'REJECTED', statusReasonCode: random.pick(['AC01', 'AC04', 'RR04']) }
      : { ...pending, status: 'CANCELLED', statusReasonCode: 'DUPL' }
  }
  if (run.day === 0) {
    const status = random.pick(['RECEIVED', 'PENDING', 'ACCEPTED_TECHNICAL_VALIDATION', 'ACCEPTED_CUSTOMER_PROFILE'])
    return { ...pending, status }
  }
  const valueDay = run.currency === 'EUR' ? calendar.workingDayFrom(run.day + 1) : run.day
  if (valueDay >= 0 || (run.day === -1 && random.chance(0.6))) {
    return { ...pending, status: random.chance(0.05) ? 'ACCEPTED_WITH_CHANGE' : 'SETTLEMENT_IN_PROCESS' }
  }
  const status = run.day >= -3 ? 'SETTLED_DEBTOR_SIDE' : 'SETTLED_CREDITOR_ACCOUNT'
  return { status, valueDate: calendar.date(valueDay), statusReasonCode: null }
}

/** `serial` is unique among all payments, 10 digits. */
export function paymentOf(world: World, supplier: Supplier, run: Run, serial: string): SupplierPaymentRow {
  const { calendar } = world
  const date = calendar.date(run.day)
  const outcome = outcomeOf(world, run, serial)
  return {
    paymentId: serial,
    supplierBpnl: supplier.bpnl,
    kind: run.kind,
    channel: run.channel,
    amount: money(totalOf(run)),
    currency: run.currency,
    requestedExecutionDate: date,
    endToEndId: `${date.replaceAll('-', '')}-${serial}`,
    ...outcome,
    remittanceAdviceReference: outcome.status === 'SCHEDULED' ? null : `RA-${serial}`,
    lastUpdatedOn: calendar.past(Math.min(run.day, 0), run.day > 0 ? 60 : 16 * 60),
  }
}

export function remittanceOf(supplier: Supplier, run: Run, serial: string): readonly RemittanceLineRow[] {
  return run.items.map(({ attempt, invoice, reference }, index) => ({
    paymentId: serial,
    line: index + 1,
    supplierBpnl: supplier.bpnl,
    companyCode: invoice?.companyCode ?? null,
    invoiceNumber: invoice?.invoiceNumber ?? null,
    fiscalYear: invoice === null ? null : '2025',
    supplierInvoiceReference: reference,
    duePayableAmount: money(attempt.due),
    discountApplied: attempt.discount === 0 ? null : money(attempt.discount),
    adjustment: attempt.adjustment === 0 ? null : money(attempt.adjustment),
    remittedAmount: money(attempt.remitted),
    currency: run.currency,
  }))
}
