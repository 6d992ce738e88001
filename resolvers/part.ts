import type { PartResolvers } from '../src/graphql/schema.generated.ts'
import { partSupersession } from '../src/systems/relations/parts-logistics.ts'

export const Part: PartResolvers = {
  supersession: async (part, _, { reads }) => {
    const { supersededByPartNumber, supersessionKind, effectiveFrom, useUpOldStock } = part
    if (supersededByPartNumber === null || supersessionKind === null) return null
    const chain = await reads.one(partSupersession, [part.partNumber], {})
    return {
      kind: supersessionKind,
      supersededByPartNumber,
      // A chain that the system has not worked out yet is known to its first step only.
      currentPartNumber: chain?.currentPartNumber ?? supersededByPartNumber,
      chain: chain?.chain ?? [part.partNumber, supersededByPartNumber],
      effectiveFrom,
      useUpOldStock,
    }
  },
}
