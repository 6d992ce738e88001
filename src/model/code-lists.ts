/**
 * Closed lists that rows and the schema share. The schema's enums have the same values in the same order (a test
 * compares them); the published codes behind them stand in the schema as `@standardCode`.
 */

export const SUPERSESSION_KINDS = ['REPLACEMENT', 'INTERCHANGEABLE'] as const
export const STOCK_STATUSES = ['UNRESTRICTED', 'QUALITY_INSPECTION', 'BLOCKED'] as const
export const PARTS_ORDER_CLASSES = ['STOCK', 'DAILY', 'VEHICLE_OFF_ROAD'] as const
export const PARTS_ORDER_LINE_STATUSES = [
  'RECEIVED',
  'ALLOCATED',
  'PARTLY_ALLOCATED',
  'BACKORDERED',
  'PICKED',
  'DESPATCHED',
  'DELIVERED',
  'CANCELLED',
] as const

/** UNCL1001: 380 and 381. */
export const INVOICE_TYPES = ['COMMERCIAL_INVOICE', 'CREDIT_NOTE'] as const
/** Peppol BIS Invoice Response (UNCL4343 subset T111) in its fixed order: a status only moves down this list. */
export const INVOICE_STATUSES = [
  'ACKNOWLEDGED',
  'IN_PROCESS',
  'UNDER_QUERY',
  'CONDITIONALLY_ACCEPTED',
  'REJECTED',
  'ACCEPTED',
  'PARTIALLY_PAID',
  'PAID',
] as const
/** Peppol OPStatusReason. */
export const INVOICE_STATUS_REASONS = [
  'NO_ISSUE',
  'REFERENCES_INCORRECT',
  'LEGAL_INFORMATION_INCORRECT',
  'RECEIVER_UNKNOWN',
  'ITEM_QUALITY_INSUFFICIENT',
  'DELIVERY_ISSUES',
  'PRICES_INCORRECT',
  'QUANTITY_INCORRECT',
  'ITEMS_INCORRECT',
  'PAYMENT_TERMS_INCORRECT',
  'NOT_RECOGNIZED',
  'FINANCE_INCORRECT',
  'PARTIALLY_PAID',
  'OTHER',
] as const
/** Peppol OPStatusAction. */
export const INVOICE_ACTIONS = [
  'NO_ACTION_REQUIRED',
  'PROVIDE_INFORMATION',
  'ISSUE_NEW_INVOICE',
  'CREDIT_FULLY',
  'CREDIT_PARTIALLY',
  'CREDIT_THE_AMOUNT',
  'OTHER',
] as const
export const PAYMENT_KINDS = ['INVOICE_SETTLEMENT', 'PREPAYMENT', 'TRUE_UP'] as const
export const PAYMENT_CHANNELS = ['AUTOMATED', 'MANUAL', 'FINANCING_SCHEME'] as const
/** SCHEDULED, then ISO 20022 ExternalPaymentTransactionStatus1Code. */
export const PAYMENT_STATUSES = [
  'SCHEDULED',
  'RECEIVED',
  'PENDING',
  'ACCEPTED_TECHNICAL_VALIDATION',
  'ACCEPTED_CUSTOMER_PROFILE',
  'ACCEPTED_WITH_CHANGE',
  'SETTLEMENT_IN_PROCESS',
  'SETTLED_DEBTOR_SIDE',
  'SETTLED_CREDITOR_ACCOUNT',
  'REJECTED',
  'CANCELLED',
] as const
export const WHOLESALE_STATUSES = ['ORDERED', 'BUILT', 'INVOICED', 'DESPATCHED', 'DELIVERED', 'CREDITED'] as const
export const FUNDING_STATUSES = [
  'UNFUNDED',
  'CONSIGNMENT',
  'FUNDING_REQUESTED',
  'FUNDED',
  'ADOPTED',
  'SETTLED',
  'DECLINED',
  'REPURCHASED',
] as const

export const SHOPS = ['STAMPING', 'BODY', 'PAINT', 'TRIM_AND_FINAL', 'POWERTRAIN', 'BATTERY', 'LOGISTICS'] as const
export const SITE_RESTART_STATUSES = ['PAUSED', 'PREPARING', 'RESTARTED', 'RAMPING_UP', 'FULL_OPERATION'] as const
export const SCHEDULE_STATUSES = ['PLANNED', 'FIRMED', 'RELEASED', 'IN_PRODUCTION', 'COMPLETED', 'CANCELLED'] as const
/** Catena-X demandCategoryCode, in the order of the standard's list. */
export const DEMAND_CATEGORIES = [
  'DEFAULT',
  'AFTER_SALES',
  'SERIES',
  'PHASE_IN',
  'SINGLE_ORDER',
  'SMALL_SERIES',
  'EXTRAORDINARY_DEMAND',
  'PHASE_OUT',
] as const

export const SITE_TYPES = [
  'PLANT',
  'GLOBAL_PARTS_LOGISTICS_CENTRE',
  'PARTS_DISTRIBUTION_CENTRE',
  'RETAILER',
  'SUPPLIER',
] as const
export const RESTART_PHASES = [
  'CONTAINMENT_AND_ERADICATION',
  'FORENSICS_AND_RESTORATION',
  'RESILIENCE_AND_RECOVERY',
  'RECOVERY_DECLARED_ENDED',
] as const
/** What of the restart's state can be made public. */
export const PUBLIC_FACETS = ['RESTART', 'SYSTEMS', 'SITES', 'PLANNED_REOPENINGS', 'BACKLOGS'] as const
export const PLANNED_REOPENING_STATUSES = ['SCHEDULED', 'IN_PROGRESS', 'VERIFYING', 'COMPLETED', 'WITHDRAWN'] as const

/** Statuspage component status, in the order of the schema. */
export const COMPONENT_STATUSES = [
  'OPERATIONAL',
  'DEGRADED_PERFORMANCE',
  'PARTIAL_OUTAGE',
  'MAJOR_OUTAGE',
  'UNDER_MAINTENANCE',
] as const

/** What evidence shows. */
export const EVIDENCE_KINDS = [
  'BACKUP_PREDATES_INTRUSION',
  'BACKUP_INTEGRITY',
  'BACKUP_MALWARE_SCAN',
  'RESTORED_ASSET_INTEGRITY',
  'INDICATORS_OF_COMPROMISE_CHECK',
  'ROOT_CAUSE_REMEDIATED',
  'CREDENTIALS_ROTATED',
  'SEGMENTATION_IN_FORCE',
  'DATA_RECONCILED',
  'NORMAL_OPERATING_STATUS_CONFIRMED',
  'END_OF_RECOVERY_DECLARED',
] as const
export const EVIDENCE_OUTCOMES = ['PASSED', 'FAILED', 'EXPIRED', 'REVOKED', 'MISSING'] as const
/** Capacities in which evidence is attested. */
export const ATTESTER_ROLES = [
  'FORENSICS_LEAD',
  'SYSTEM_OWNER',
  'SECURITY_OPERATIONS',
  'BACKUP_OPERATIONS',
  'BUSINESS_OWNER',
] as const
