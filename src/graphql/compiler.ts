import type { GraphQLSchema } from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import type { Plan } from '../operations/plan.ts'

/**
 * Compiled operations, each held by its plan and for as long: a crowd of other documents takes none of them away but
 * with its plan. Called by the execution; compiles and runs nothing by itself.
 */

/** The compiled operation; null: it is to be interpreted. `used` compiles on the second time, `prepared` at once. */
export type Compiler = (plan: Plan, reason: 'used' | 'prepared') => CompiledQuery | null

/**
 * An operation of more fields is interpreted, however often it comes: compiled, each field is kilobytes of code that
 * stay in memory, and a short document of fragments can have tens of thousands.
 */
const MAX_COMPILED_FIELDS = 300

/** To be used once the schema's resolvers are as they stay: a compiled operation holds them. */
export function createCompiler(schema: GraphQLSchema): Compiler {
  // A plan that has been used once stands without a compiled operation: most documents of a flood come once.
  const compiled = new WeakMap<Plan, CompiledQuery | null | undefined>()

  function compile(plan: Plan): CompiledQuery | null {
    const made = compileQuery(schema, plan.document)
    return isCompiledQuery(made) ? made : null
  }

  return (plan, reason) => {
    const known = compiled.get(plan)
    if (known !== undefined) return known
    // Compiled, fields that meet again under other conditions come to be missing, or to be there.
    if (plan.isConditional || plan.fields > MAX_COMPILED_FIELDS) return null
    // The only values whose type is known with the value alone: they are left to the reference implementation.
    if (plan.entitiesUnder.size > 0) return null
    if (reason === 'used' && !compiled.has(plan)) {
      compiled.set(plan, undefined)
      return null
    }
    const made = compile(plan)
    compiled.set(plan, made)
    return made
  }
}
