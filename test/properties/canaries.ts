import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import type { AnyRelation, Connector, RawRow } from '../../src/systems/connector.ts'

/**
 * Canaries: every row that belongs to a partner is stamped with its owner, in a column that partners see, between the
 * source and the border. Whoever finds another's stamp in an answer has found a leak.
 */
const STAMPED: Readonly<Record<string, readonly [column: string, owner: string]>> = {
  parts_order_line: ['customerOrderPositionId', 'retailerBpnl'],
  parts_delivery: ['trackingNumber', 'retailerBpnl'],
  supplier_invoice: ['paymentTerms', 'supplierBpnl'],
  supplier_invoice_line: ['purchaseOrder', 'supplierBpnl'],
  supplier_payment: ['remittanceAdviceReference', 'supplierBpnl'],
  remittance_line: ['supplierInvoiceReference', 'supplierBpnl'],
  vehicle_wholesale: ['modelDescription', 'retailerBpnl'],
  wholesale_funding: ['reference', 'retailerBpnl'],
  material_demand: ['partnerMaterialNumber', 'supplierBpnl'],
  vehicle_build: ['modelCode', 'retailerBpnl'],
}

function canaryOf(bpnl: string): string {
  return `~${bpnl.slice(-8)}~`
}

/** Stamps in an answer that are not the viewer's. */
export function foreignCanaries(text: string, bpnl: string): readonly string[] {
  return (text.match(/~[A-Za-z0-9]{8}~/g) ?? []).filter(canary => canary !== canaryOf(bpnl))
}

export function stamping(connectors: Readonly<Record<SystemKey, Connector>>): Readonly<Record<SystemKey, Connector>> {
  const stamped = SYSTEM_KEYS.map((key): [SystemKey, Connector] => {
    const connector = connectors[key]
    return [
      key,
      {
        ...connector,
        async lookup(relation, query, signal) {
          const reading = await connector.lookup(relation, query, signal)
          return { ...reading, rows: reading.rows.map(row => stamp(relation, row)) }
        },
        async page(relation, query, signal) {
          const reading = await connector.page(relation, query, signal)
          return { ...reading, rows: reading.rows.map(row => stamp(relation, row)) }
        },
      },
    ]
  })
  return Object.fromEntries(stamped) as Record<SystemKey, Connector>
}

function stamp(relation: AnyRelation, row: RawRow): RawRow {
  const [column, owner] = STAMPED[relation.name] ?? []
  return column && owner ? { ...row, [column]: canaryOf(String(row[owner])) } : row
}
