import { describe, expect, test } from '@jest/globals'
import { EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import {
  remittanceLine,
  supplierInvoice,
  supplierInvoiceLine,
  supplierPayment,
} from '../../src/systems/relations/wholesale-finance.ts'
import { ANCHOR_DATE, exact, groupBy, indexBy, rowsOf, sum } from './rows.ts'

const keyOf = (row: { companyCode: string | null; invoiceNumber: string | null; fiscalYear: string | null }) =>
  `${row.companyCode} ${row.invoiceNumber} ${row.fiscalYear}`

const invoices = indexBy(rowsOf(supplierInvoice), keyOf)
const payments = indexBy(rowsOf(supplierPayment), row => row.paymentId)
const remittance = rowsOf(remittanceLine)

/** Initiated by the buyer and not failed: only these make an invoice less open. */
const counts = (paymentId: string) =>
  !['SCHEDULED', 'REJECTED', 'CANCELLED'].includes(payments.get(paymentId)?.status ?? '')

const shareOf = (matches: number) => matches / invoices.size

describe('supplier invoices', () => {
  test('the net of the lines and the tax on it are the gross amount', () => {
    const lines = groupBy(rowsOf(supplierInvoiceLine), keyOf)
    expect(lines.size).toBe(invoices.size)
    for (const [key, invoice] of invoices) {
      const own = lines.get(key) ?? []
      const net = sum(own.map(({ netAmount }) => exact(netAmount)))
      const tax = invoice.currency === 'GBP' ? Math.round(Number(net) / 5) : 0
      expect(exact(invoice.grossAmount)).toBe(net + BigInt(tax))
      expect(new Set(own.map(({ supplierBpnl, currency }) => `${supplierBpnl} ${currency}`))).toEqual(
        new Set([`${invoice.supplierBpnl} ${invoice.currency}`]),
      )
      expect(new Set(own.map(({ purchaseOrder }) => purchaseOrder))).toEqual(new Set(invoice.purchaseOrders))
    }
  })

  test('gross less what was remitted, discounted and adjusted is what is open', () => {
    const settled = groupBy(
      remittance.filter(line => line.invoiceNumber !== null && counts(line.paymentId)),
      keyOf,
    )
    for (const [key, invoice] of invoices) {
      const lines = settled.get(key) ?? []
      const paid = sum(lines.flatMap(line => [line.remittedAmount, line.discountApplied, line.adjustment].map(exact)))
      if (invoice.status === 'REJECTED') {
        expect([exact(invoice.openAmount), paid]).toEqual([0n, 0n])
        continue
      }
      expect(exact(invoice.openAmount)).toBe(exact(invoice.grossAmount) - paid)
      const expected = paid === 0n ? 'unpaid' : exact(invoice.openAmount) === 0n ? 'PAID' : 'PARTIALLY_PAID'
      expect(invoice.status === 'PAID' || invoice.status === 'PARTIALLY_PAID' ? invoice.status : 'unpaid').toBe(
        expected,
      )
    }
  })

  test('all statuses stand in believable shares, and a backlog is overdue', () => {
    const byStatus = groupBy(invoices.values(), ({ status }) => status)
    const share = (status: string) => shareOf(byStatus.get(status)?.length ?? 0)
    expect(share('PAID')).toBeGreaterThan(0.4)
    expect(share('ACCEPTED')).toBeGreaterThan(0.2)
    for (const status of [
      'PARTIALLY_PAID',
      'UNDER_QUERY',
      'REJECTED',
      'ACKNOWLEDGED',
      'IN_PROCESS',
      'CONDITIONALLY_ACCEPTED',
    ]) {
      expect(share(status)).toBeGreaterThan(0.003)
      expect(share(status)).toBeLessThan(0.08)
    }
    const overdue = [...invoices.values()].filter(
      row => exact(row.openAmount) > 0n && (row.netDueDate ?? '9999') < ANCHOR_DATE,
    )
    expect(shareOf(overdue.length)).toBeGreaterThan(0.05)
    expect(overdue.some(({ expectedPaymentDate }) => expectedPaymentDate !== null)).toBe(true)
  })

  test('a query or a refusal says why and what to do; what is in order says neither', () => {
    for (const { status, statusReasons, requestedAction, paymentBlocked, expectedPaymentDate } of invoices.values()) {
      const clarified = ['UNDER_QUERY', 'CONDITIONALLY_ACCEPTED', 'REJECTED'].includes(status)
      expect(requestedAction !== null).toBe(clarified)
      expect(statusReasons.length > 0).toBe(clarified || status === 'PARTIALLY_PAID')
      if (status === 'UNDER_QUERY') expect(paymentBlocked).toBe(true)
      if (paymentBlocked) expect(expectedPaymentDate).toBeNull()
      if (expectedPaymentDate !== null) expect(expectedPaymentDate > ANCHOR_DATE).toBe(true)
    }
    expect([...invoices.values()].some(row => row.paymentBlocked && row.status === 'ACCEPTED')).toBe(true)
  })

  test('dates follow each other: dated, received, posted', () => {
    for (const { documentDate, receivedAt, postingDate, status } of invoices.values()) {
      const day = receivedAt?.slice(0, 10) ?? documentDate
      expect(documentDate <= day && day <= (postingDate ?? ANCHOR_DATE)).toBe(true)
      expect((postingDate ?? documentDate) < ANCHOR_DATE).toBe(true)
      expect(postingDate === null).toBe(status === 'ACKNOWLEDGED' || status === 'IN_PROCESS')
    }
  })

  test('credit notes are negative and invoices positive', () => {
    for (const row of invoices.values()) expect(exact(row.grossAmount) < 0n).toBe(row.type === 'CREDIT_NOTE')
    const credits = [...invoices.values()].filter(({ type }) => type === 'CREDIT_NOTE')
    expect(new Set(credits.map(({ status }) => status))).toEqual(
      new Set(['PAID', 'ACCEPTED', 'IN_PROCESS', 'ACKNOWLEDGED']),
    )
  })

  test('a reference is unique with its supplier, though two suppliers may use the same', () => {
    const owners = groupBy(invoices.values(), row => row.supplierInvoiceReference)
    let shared = 0
    for (const rows of owners.values()) {
      expect(new Set(rows.map(({ supplierBpnl }) => supplierBpnl)).size).toBe(rows.length)
      if (rows.length > 1) shared++
    }
    expect(shared).toBeGreaterThan(10)
  })

  test('pounds and euros occur; most suppliers deal in one of them, some in both', () => {
    const currencies = [...groupBy(invoices.values(), row => row.supplierBpnl).values()].map(
      rows => new Set(rows.map(({ currency }) => currency)).size,
    )
    expect(new Set([...invoices.values()].map(({ currency }) => currency))).toEqual(new Set(['GBP', 'EUR']))
    expect(currencies.filter(count => count === 2).length).toBeGreaterThanOrEqual(1)
    expect(currencies.filter(count => count === 1).length).toBeGreaterThan(50)
  })
})

describe('supplier payments', () => {
  const lines = groupBy(remittance, row => row.paymentId)

  test('the lines of a remittance advice add up to the payment, in its currency and to its supplier', () => {
    expect(lines.size).toBe(payments.size)
    for (const [id, payment] of payments) {
      const own = lines.get(id) ?? []
      expect(sum(own.map(({ remittedAmount }) => exact(remittedAmount)))).toBe(exact(payment.amount))
      expect(exact(payment.amount) > 0n).toBe(true)
      for (const line of own)
        expect([line.supplierBpnl, line.currency]).toEqual([payment.supplierBpnl, payment.currency])
    }
  })

  test('a line remits what is due less discount and adjustment, or a part of it', () => {
    for (const line of remittance) {
      const most = exact(line.duePayableAmount) - exact(line.discountApplied) - exact(line.adjustment)
      const invoice = line.invoiceNumber === null ? undefined : invoices.get(keyOf(line))
      const partly = exact(line.remittedAmount) !== most
      if (partly) expect(exact(line.remittedAmount) > 0n && exact(line.remittedAmount) < most).toBe(true)
      expect(line.invoiceNumber === null).toBe(payments.get(line.paymentId)?.kind === 'PREPAYMENT')
      if (line.invoiceNumber === null) continue
      expect(invoice?.supplierBpnl).toBe(line.supplierBpnl)
      expect(invoice?.supplierInvoiceReference).toBe(line.supplierInvoiceReference)
    }
    expect(remittance.some(({ discountApplied }) => discountApplied !== null)).toBe(true)
    expect(remittance.some(({ adjustment }) => adjustment !== null)).toBe(true)
  })

  test('status, dates and reasons agree', () => {
    for (const payment of payments.values()) {
      const settled = payment.status === 'SETTLED_CREDITOR_ACCOUNT' || payment.status === 'SETTLED_DEBTOR_SIDE'
      expect(payment.valueDate !== null).toBe(settled)
      if (payment.valueDate !== null) {
        expect(payment.requestedExecutionDate <= payment.valueDate && payment.valueDate < ANCHOR_DATE).toBe(true)
      }
      expect(payment.requestedExecutionDate > ANCHOR_DATE).toBe(payment.status === 'SCHEDULED')
      expect(payment.statusReasonCode !== null).toBe(payment.status === 'REJECTED' || payment.status === 'CANCELLED')
      expect(payment.remittanceAdviceReference === null).toBe(payment.status === 'SCHEDULED')
    }
    expect(new Set([...payments.values()].map(({ endToEndId }) => endToEndId)).size).toBe(payments.size)
  })

  test('the channels tell the story: automated, then by hand, then automated again beside the financing scheme', () => {
    const days = (channel: string) =>
      [...payments.values()]
        .filter(row => row.channel === channel)
        .map(({ requestedExecutionDate }) => requestedExecutionDate)
    expect(days('MANUAL').every(day => day >= '2025-09-15' && day < '2025-10-01')).toBe(true)
    expect(days('AUTOMATED').some(day => day < '2025-09-01')).toBe(true)
    expect(days('AUTOMATED').some(day => day >= '2025-09-01' && day < '2025-10-01')).toBe(false)
    expect(days('FINANCING_SCHEME').every(day => day >= '2025-09-29')).toBe(true)
    for (const { kind, channel } of payments.values()) {
      expect(kind === 'INVOICE_SETTLEMENT').toBe(channel !== 'FINANCING_SCHEME')
    }
    expect(new Set([...payments.values()].map(({ kind }) => kind))).toEqual(
      new Set(['INVOICE_SETTLEMENT', 'PREPAYMENT', 'TRUE_UP']),
    )
    expect(new Set([...payments.values()].map(({ status }) => status)).size).toBe(11)
    expect(EMBEDDED_DATASET.anchor).toBe('2025-10-08T05:30:00.000Z')
  })
})
