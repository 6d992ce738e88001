/**
 * The story that the data tells, in days from the anchor (`Calendar`): systems are shut down, suppliers are paid by
 * hand, the finance system returns and clears its backlog, vehicles that stood finished are wholesaled again.
 */
export const STORY = {
  /** The oldest invoice: terms of 60 days fall due from a month before the shutdown on. */
  firstInvoice: -128,
  shutdown: -37,
  /** Outstanding invoices are paid by hand, from lists that suppliers sent in. */
  manualPaymentsFrom: -23,
  /** Invoices are read in and posted again; parts are picked and vehicles wholesaled again. */
  systemsBack: -13,
  /** Prepayment shortly after the order, true-up on receipt of the invoice. */
  financingSchemeFrom: -9,
  automatedPaymentsFrom: -7,
} as const
