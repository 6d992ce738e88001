/**
 * How many of everything. Two sizes are given, the embedded default (scale 0.01) and a manufacturer's (scale 1); a scale
 * above the smaller one lies on the line through them. Below it there is less of everything, of the same partners.
 */
export interface Volumes {
  /** A multiple of 30: a third of them superseded. */
  readonly parts: number
  readonly retailers: number
  readonly suppliers: number
  readonly invoices: number
  /** Vehicles with a live wholesale; credited wholesales come on top. */
  readonly vehicles: number
  readonly orderLines: number
  /** Suppliers of production material. */
  readonly demandSuppliers: number
  readonly demandPartsPerSupplier: number
  readonly demandSitesPerPart: number
}

export const EMBEDDED_SCALE = 0.01
/** Beyond this, six digits no longer tell part numbers apart. */
export const MAX_SCALE = 2

const EMBEDDED: Volumes = {
  parts: 3_000,
  retailers: 40,
  suppliers: 60,
  invoices: 5_000,
  vehicles: 1_500,
  orderLines: 2_500,
  demandSuppliers: 60,
  demandPartsPerSupplier: 8,
  demandSitesPerPart: 1,
}

const MANUFACTURER: Volumes = {
  parts: 300_000,
  retailers: 2_600,
  suppliers: 3_000,
  invoices: 500_000,
  vehicles: 400_000,
  orderLines: 300_000,
  demandSuppliers: 1_000,
  demandPartsPerSupplier: 56,
  demandSitesPerPart: 3,
}

/** Throws a RangeError where the scale is not above 0 and at most `MAX_SCALE`. */
export function volumesAt(scale: number): Volumes {
  if (!(scale > 0 && scale <= MAX_SCALE)) throw new RangeError(`scale must be above 0 and at most ${MAX_SCALE}`)
  const share = Math.max(0, scale - EMBEDDED_SCALE) / (1 - EMBEDDED_SCALE)
  const part = Math.min(1, scale / EMBEDDED_SCALE)
  const partners = (name: keyof Volumes) => Math.round(EMBEDDED[name] + (MANUFACTURER[name] - EMBEDDED[name]) * share)
  const at = (name: keyof Volumes) => Math.max(1, Math.round(partners(name) * part))
  return {
    parts: Math.max(30, Math.round(at('parts') / 30) * 30),
    retailers: partners('retailers'),
    suppliers: partners('suppliers'),
    invoices: at('invoices'),
    vehicles: at('vehicles'),
    orderLines: at('orderLines'),
    demandSuppliers: partners('demandSuppliers'),
    demandPartsPerSupplier: at('demandPartsPerSupplier'),
    demandSitesPerPart: at('demandSitesPerPart'),
  }
}
