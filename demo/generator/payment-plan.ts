import type { SupplierPaymentRow } from '../../src/systems/relations/wholesale-finance.ts'
import type { InvoiceDraft } from './invoices.ts'
import type { Supplier } from './partners.ts'
import type { Random } from './random.ts'
import { STORY } from './story.ts'
import type { World } from './world.ts'

/**
 * When and how each invoice is paid: on its due date until the shutdown; then by hand for some, by the automated runs
 * for others; the rest are overdue with a promised date. Reads invoices, writes no rows.
 */

/** One attempt to pay an invoice: its line in the remittance advice. Amounts in pence or cents. */
export interface Attempt {
  /** Day of execution; after 0 it is only scheduled. */
  readonly day: number
  readonly kind: SupplierPaymentRow['kind']
  readonly channel: SupplierPaymentRow['channel']
  /** The bank refused it, or it was withdrawn: the invoice stayed open. */
  readonly failed: boolean
  readonly due: number
  readonly discount: number
  /** Settled otherwise than by this payment: a deduction, or a prepayment made before. */
  readonly adjustment: number
  /** Due − discount − adjustment; less where it is paid on account. */
  readonly remitted: number
}

export interface PaymentPlan {
  readonly attempts: readonly Attempt[]
  /** For what remains open: the day payment is promised, null where none is. */
  readonly expectedDay: number | null
}

const NOTHING: PaymentPlan = { attempts: [], expectedDay: null }
const LAST_MANUAL_DAY = STORY.automatedPaymentsFrom - 1

/** One manual run of a supplier may fail at the bank; all that it held is then paid by a later run. */
const manualRunFails = (world: World, supplier: Supplier, day: number, currency: string): boolean =>
  world.random(`manual run ${currency}`, supplier.index, -day).chance(0.03)

function full(random: Random, draft: InvoiceDraft, channel: Attempt['channel'], day: number): Attempt {
  const adjustment = random.chance(0.02) ? Math.round(draft.gross * 0.005) : 0
  const kind = { kind: 'INVOICE_SETTLEMENT', failed: false } as const
  return { ...kind, day, channel, due: draft.gross, discount: 0, adjustment, remitted: draft.gross - adjustment }
}

function byHand(world: World, supplier: Supplier, draft: InvoiceDraft, random: Random, posted: number): PaymentPlan {
  const { calendar } = world
  const earliest = Math.max(STORY.manualPaymentsFrom, draft.dueDay, posted)
  const day = calendar.workingDayUntil(Math.min(earliest + random.int(0, 10), LAST_MANUAL_DAY))
  if (day < posted) return automated(world, draft, random, posted)
  const attempt = full(random, draft, 'MANUAL', day)
  const later = calendar.workingDayUntil(random.int(STORY.automatedPaymentsFrom + 2, -1))
  if (manualRunFails(world, supplier, day, draft.currency)) {
    return {
      attempts: [
        { ...attempt, failed: true },
        { ...attempt, channel: 'AUTOMATED', day: later },
      ],
      expectedDay: null,
    }
  }
  if (!random.chance(0.12)) return { attempts: [attempt], expectedDay: null }
  // Paid on account: what is left follows by an automated run, or is promised.
  const onAccount = { ...attempt, adjustment: 0, remitted: Math.round(draft.gross * random.int(50, 85) * 0.01) }
  const left = draft.gross - onAccount.remitted
  const rest = { ...onAccount, channel: 'AUTOMATED' as const, day: later, due: left, remitted: left }
  return random.chance(0.35)
    ? { attempts: [onAccount, rest], expectedDay: null }
    : { attempts: [onAccount], expectedDay: calendar.workingDayFrom(random.int(2, 12)) }
}

function automated(world: World, draft: InvoiceDraft, random: Random, posted: number): PaymentPlan {
  const earliest = Math.max(STORY.automatedPaymentsFrom, posted)
  const day = Math.max(world.calendar.workingDayFrom(random.int(Math.min(earliest, 0), 0)), posted)
  return { attempts: [full(random, draft, 'AUTOMATED', day)], expectedDay: null }
}

function scheduled(world: World, draft: InvoiceDraft, random: Random): PaymentPlan {
  const day = world.calendar.workingDayFrom(random.int(1, 3))
  return { attempts: [full(random, draft, 'AUTOMATED', day)], expectedDay: day }
}

/** Prepaid at the order, the rest paid as soon as the invoice is there. */
function trueUp(draft: InvoiceDraft, posted: number, prepaid: number): PaymentPlan {
  const attempt = { day: posted, kind: 'TRUE_UP', channel: 'FINANCING_SCHEME', failed: false } as const
  const amounts = { due: draft.gross, discount: 0, adjustment: prepaid, remitted: draft.gross - prepaid }
  return { attempts: [{ ...attempt, ...amounts }], expectedDay: null }
}

/** What was prepaid on the order behind an invoice of the financing scheme, in pence; 0 for any other invoice. */
export function prepaidOn(world: World, supplier: Supplier, draft: InvoiceDraft): number {
  const eligible = supplier.financed && draft.verdict === 'FINE' && !draft.credit && draft.postedDay !== null
  if (!eligible || draft.documentDay < STORY.financingSchemeFrom + 2) return 0
  const random = world.random('prepaid', Number(draft.invoiceNumber) - 5_100_000_000)
  return random.chance(0.7) ? Math.round((draft.gross * 0.7) / 100) * 100 : 0
}

export function paymentPlanOf(world: World, supplier: Supplier, draft: InvoiceDraft): PaymentPlan {
  const { calendar } = world
  const { postedDay: posted, dueDay, gross } = draft
  if (draft.verdict !== 'FINE' || draft.credit) return NOTHING
  const random = world.random('payment plan', Number(draft.invoiceNumber) - 5_100_000_000)
  const promised = { attempts: [], expectedDay: calendar.thursdayFrom(Math.max(dueDay, random.int(3, 14))) }
  if (posted === null) return promised

  const prepaid = prepaidOn(world, supplier, draft)
  if (prepaid > 0) return trueUp(draft, calendar.workingDayFrom(posted), prepaid)

  const discountRun = calendar.thursdayFrom(posted)
  if (supplier.terms.startsWith('14 days') && discountRun <= Math.min(draft.documentDay + 14, STORY.shutdown - 1)) {
    const discount = Math.round(gross * 0.02)
    const attempt = {
      ...full(random, draft, 'AUTOMATED', discountRun),
      discount,
      adjustment: 0,
      remitted: gross - discount,
    }
    return { attempts: [attempt], expectedDay: null }
  }
  const dueRun = calendar.thursdayFrom(Math.max(dueDay, posted))
  if (dueRun < STORY.shutdown) return { attempts: [full(random, draft, 'AUTOMATED', dueRun)], expectedDay: null }
  if (dueDay > 0) return dueDay <= 3 && random.chance(0.5) ? scheduled(world, draft, random) : promised
  const course = random.weighted([
    ['BY_HAND', 48],
    ['AUTOMATED', 32],
    ['SCHEDULED', 8],
    ['OVERDUE', 12],
  ])
  switch (course) {
    case 'BY_HAND':
      return byHand(world, supplier, draft, random, posted)
    case 'AUTOMATED':
      return automated(world, draft, random, posted)
    case 'SCHEDULED':
      return scheduled(world, draft, random)
    case 'OVERDUE':
      return promised
    default:
      return course satisfies never
  }
}
