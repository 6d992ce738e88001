import { setOf, text } from './sap-types.ts'
import type { Served } from './served.ts'

/** SAP's stock and its availability check, and the view of its own that the example has beside them. */
const stock = setOf(
  'A_MatlStkInAcctMod',
  ['Material', 'Plant', 'StorageLocation', 'InventoryStockType'],
  {
    Material: text(40),
    Plant: text(4),
    StorageLocation: text(4),
    InventoryStockType: text(2),
    MatlWrhsStkQtyInMatlBaseUnit: { type: 'Edm.Decimal', precision: 31, scale: 14 },
    MaterialBaseUnit: text(3),
  },
  [
    {
      Material: 'LR100001',
      Plant: '1710',
      StorageLocation: '0001',
      InventoryStockType: '06',
      MatlWrhsStkQtyInMatlBaseUnit: '4.000',
    },
    {
      Material: 'LR100001',
      Plant: '1710',
      StorageLocation: '0002',
      InventoryStockType: '06',
      MatlWrhsStkQtyInMatlBaseUnit: '2.500',
    },
    {
      Material: 'LR100001',
      Plant: '1720',
      StorageLocation: '0001',
      InventoryStockType: '07',
      MatlWrhsStkQtyInMatlBaseUnit: '1.000',
    },
  ],
)

const backorders = setOf(
  'BackorderByPlant',
  ['Material', 'Plant'],
  { Material: text(40), Plant: text(4), OpenQuantity: { type: 'Edm.Decimal', precision: 15, scale: 3 } },
  [{ Material: 'LR100001', Plant: '1720', OpenQuantity: '9.000' }],
)

export const SAP_PARTS_SERVICES: Readonly<Record<string, Served>> = {
  API_MATERIAL_STOCK_SRV: { sets: [stock] },
  ZPARTS_BACKORDER_SRV: { sets: [backorders] },
  API_PRODUCT_AVAILY_INFO_BASIC: {
    sets: [],
    functions: [
      {
        name: 'DetermineAvailabilityAt',
        parameters: {
          SupplyingPlant: text(4),
          Material: text(40),
          ATPCheckingRule: text(2),
          RequestedUTCDateTime: { type: 'Edm.DateTimeOffset' },
        },
        result: { AvailableQuantityInBaseUnit: { type: 'Edm.Decimal', precision: 16, scale: 3 }, BaseUnit: text(3) },
        call: ({ Material, SupplyingPlant }) => ({
          AvailableQuantityInBaseUnit: Material === 'LR100001' && SupplyingPlant === '1710' ? '12.000' : '0.000',
          BaseUnit: 'ST',
        }),
      },
    ],
  },
}
