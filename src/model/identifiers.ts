/**
 * The forms of identifiers and codes that rows and the schema share: what the border lets in from a system is what
 * partners may ask with. Business partner numbers stand in `business-partner-number.ts`.
 */

/** ISO 3779: 17 characters without I, O and Q, the last four digits. The check digit is North America's alone. */
export const VIN = /^[A-HJ-NPR-Z0-9]{13}[0-9]{4}$/
/** As printed, 1 to 40 characters. A blank at the end is not part of it but a mistake in transfer. */
export const PART_NUMBER = /^[A-Z0-9](?:[A-Z0-9 ./-]{0,38}[A-Z0-9./-])?$/
/** The form of an ISO 4217 alphabetic code. */
export const CURRENCY_CODE = /^[A-Z]{3}$/
/** The form of a UN/ECE Recommendation 20 code. */
export const UNIT_CODE = /^[A-Z0-9]{2,3}$/
