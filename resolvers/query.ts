import { conditions, readConnection } from '../src/graphql/connection.ts'
import type { QueryResolvers } from '../src/graphql/schema.generated.ts'
import { part, partsOrderLine } from '../src/systems/relations/parts-logistics.ts'
import { materialDemand, productionSchedule, vehicleBuild } from '../src/systems/relations/production-schedule.ts'
import { supplierInvoice, supplierPayment, vehicleWholesale } from '../src/systems/relations/wholesale-finance.ts'
import { enquire } from './part-availability.ts'
import { restartStatusFor } from './restart-status.ts'
import { latestByReference, supplierInvoices } from './supplier-invoice.ts'
import { supplierPosition } from './supplier-position.ts'
import { liveWholesale } from './vehicle-wholesale.ts'

export const Query: QueryResolvers = {
  restartStatus: (_, __, { knowledge, facts }) => restartStatusFor(knowledge.restart(), facts),
  restoredSystem: (_, { key }, { knowledge }) => knowledge.restart().systems[key],
  viewer: (_, __, { facts }) => facts.viewer,

  part: (_, { partNumber }, { reads }) => reads.one(part, [partNumber], {}),
  partAvailability: (_, args, context) => enquire(args.partNumbers, args.shipToBpns ?? null, context),
  partsOrderLines: (_, args, context) =>
    readConnection(
      context,
      partsOrderLine,
      args,
      conditions(
        partsOrderLine,
        ['status', 'in', args.filter?.status],
        ['orderClass', 'in', args.filter?.orderClass],
        ['partNumber', 'equal', args.filter?.partNumber],
        ['customerOrderId', 'equal', args.filter?.customerOrderId],
        ['lastUpdatedOn', 'atLeast', args.filter?.updatedSince],
      ),
      { owner: context.facts.owner },
    ),

  supplierInvoices: (_, args, context) => supplierInvoices(args, context),
  supplierInvoiceByReference: async (_, args, { reads, facts }) =>
    latestByReference(
      await reads.many(supplierInvoice, ['supplierInvoiceReference'], [args.supplierInvoiceReference], {
        owner: facts.owner,
      }),
    ),
  supplierPayments: (_, args, context) =>
    readConnection(
      context,
      supplierPayment,
      args,
      conditions(
        supplierPayment,
        ['status', 'in', args.filter?.status],
        ['requestedExecutionDate', 'atLeast', args.filter?.executionFrom],
        ['requestedExecutionDate', 'atMost', args.filter?.executionUntil],
        ['channel', 'in', args.filter?.channel],
        ['lastUpdatedOn', 'atLeast', args.filter?.updatedSince],
      ),
      { owner: context.facts.owner },
    ),
  supplierPosition: (_, __, context) => supplierPosition(context),
  vehicleWholesales: (_, args, context) =>
    readConnection(
      context,
      vehicleWholesale,
      args,
      conditions(
        vehicleWholesale,
        ['vin', 'equal', args.filter?.vin],
        ['fundingStatus', 'in', args.filter?.fundingStatus],
        ['wholesaleDate', 'atLeast', args.filter?.wholesaleFrom],
        ['wholesaleDate', 'atMost', args.filter?.wholesaleUntil],
        ['lastUpdatedOn', 'atLeast', args.filter?.updatedSince],
      ),
      { owner: context.facts.owner },
    ),
  vehicleWholesale: async (_, { vin }, { reads, facts }) =>
    liveWholesale(await reads.many(vehicleWholesale, ['vin'], [vin], { owner: facts.owner })),

  productionSchedule: (_, args, context) =>
    readConnection(
      context,
      productionSchedule,
      args,
      conditions(
        productionSchedule,
        ['siteBpns', 'equal', args.filter?.bpns],
        ['shop', 'in', args.filter?.shop],
        ['productionDate', 'atLeast', args.filter?.from],
        ['productionDate', 'atMost', args.filter?.until],
        ['modelCode', 'equal', args.filter?.modelCode],
      ),
      {},
    ),
  materialDemands: (_, args, context) =>
    readConnection(
      context,
      materialDemand,
      args,
      conditions(
        materialDemand,
        ['partNumber', 'equal', args.filter?.materialNumberCustomer],
        ['customerLocationBpns', 'equal', args.filter?.bpns],
        ['day', 'atLeast', args.filter?.from],
        ['day', 'atMost', args.filter?.until],
        ['demandCategory', 'in', args.filter?.demandCategory],
      ),
      { owner: context.facts.owner },
    ),
  vehicleBuild: async (_, { vin }, { reads, facts }) =>
    (await reads.many(vehicleBuild, ['vin'], [vin], { owner: facts.owner }))[0] ?? null,
}
