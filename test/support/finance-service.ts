import type { Dataset } from '../../demo/generator/dataset.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import type { Row } from '../../src/systems/relation.ts'
import { supplierInvoice, WHOLESALE_FINANCE_RELATIONS } from '../../src/systems/relations/wholesale-finance.ts'
import { fieldOf, pascal, propertyFor } from '../connectors/odata/sample-service.ts'
import type { Served, ServedSet, ServedValue } from '../connectors/odata/served.ts'

/**
 * Wholesale finance as the service that `config/production.yaml` maps: an entity set for each relation, in codes of its
 * own, and lists in sets of their own.
 */

/** The service's codes for the words of a column, as UNCL1001, UNCL4343 and Peppol's OPStatusReason have them. */
const CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  type: { COMMERCIAL_INVOICE: '380', CREDIT_NOTE: '381' },
  status: {
    ACKNOWLEDGED: 'AB',
    IN_PROCESS: 'IP',
    UNDER_QUERY: 'UQ',
    CONDITIONALLY_ACCEPTED: 'CA',
    REJECTED: 'RE',
    ACCEPTED: 'AP',
    PARTIALLY_PAID: 'PP',
    PAID: 'PD',
  },
  statusReasons: {
    REFERENCES_INCORRECT: 'REF',
    DELIVERY_ISSUES: 'DEL',
    PRICES_INCORRECT: 'PRI',
    QUANTITY_INCORRECT: 'QTY',
    ITEMS_INCORRECT: 'ITM',
    PAYMENT_TERMS_INCORRECT: 'PAY',
    PARTIALLY_PAID: 'PPD',
    OTHER: 'OTH',
  },
}

const isInvoice = (relation: AnyRelation) => relation === (supplierInvoice as AnyRelation)

function servedValue(relation: AnyRelation, property: string, value: Row[string] | undefined): ServedValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return value
  const code = isInvoice(relation) ? CODES[property]?.[String(value)] : undefined
  return code ?? String(value)
}

function entitySet(relation: AnyRelation, rows: readonly Row[]): ServedSet {
  // The lists of an invoice: purchase orders stand in its lines, reasons in a set of their own.
  const columns = Object.entries(relation.columns).filter(([, { kind }]) => kind !== 'texts')
  return {
    name: `${pascal(relation.name)}s`,
    key: relation.key.map(fieldOf),
    properties: Object.fromEntries(columns.map(([name, column]) => [fieldOf(name), propertyFor('V4', column)])),
    rows: rows.map(row =>
      Object.fromEntries(columns.map(([name]) => [fieldOf(name), servedValue(relation, name, row[name])])),
    ),
  }
}

function statusReasons(invoices: readonly Row[]): ServedSet {
  const key = supplierInvoice.key
  const properties = Object.fromEntries(
    Object.entries(supplierInvoice.columns)
      .filter(([name]) => key.includes(name))
      .map(([name, column]) => [fieldOf(name), propertyFor('V4', column)]),
  )
  return {
    name: 'SupplierInvoiceStatusReasons',
    key: [...key.map(fieldOf), 'Position'],
    properties: { ...properties, Position: { type: 'Edm.Int32' }, Reason: { type: 'Edm.String', maxLength: 3 } },
    rows: invoices.flatMap(invoice =>
      (invoice.statusReasons as readonly string[]).map((reason, index) => ({
        ...Object.fromEntries(key.map(name => [fieldOf(name), String(invoice[name])])),
        Position: String(index + 1),
        Reason: CODES.statusReasons?.[reason] ?? reason,
      })),
    ),
  }
}

export function financeService(dataset: Dataset): Served {
  const rowsOf = new Map(
    WHOLESALE_FINANCE_RELATIONS.map(relation => [relation as AnyRelation, [...dataset.rows(relation)]]),
  )
  const asOf = new Date(dataset.options.anchor).toISOString()
  return {
    sets: [
      ...[...rowsOf].map(([relation, rows]) => entitySet(relation, rows)),
      statusReasons(rowsOf.get(supplierInvoice) ?? []),
      {
        name: 'Freshness',
        key: ['Id'],
        properties: { Id: { type: 'Edm.String' }, AsOf: { type: 'Edm.DateTimeOffset' } },
        rows: [{ Id: 'LOAD', AsOf: asOf }],
      },
    ],
  }
}
