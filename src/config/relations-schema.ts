import { z } from 'zod'

/** Where the relations of a system come from, by their names. Called by the schema of each kind of connector. */
export function relationsSchema<S extends z.ZodType>(mapping: S, described: string) {
  const name = z.string().regex(/^[a-z][a-z_]{0,62}$/, { error: 'must be the name of a relation, such as part_stock' })
  return z.record(name, mapping).meta({ description: described })
}
