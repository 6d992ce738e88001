import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'

/**
 * A validation rule: no variable is named `__proto__`. Engines keep variables in objects, on which that name is no
 * member like others: the value would be dropped without a word, and with it a filter or a limit.
 */
export function saneVariableNames(context: ValidationContext): ASTVisitor {
  return {
    VariableDefinition({ variable }) {
      if (variable.name.value === '__proto__')
        context.reportError(new GraphQLError('A variable may not be named "$__proto__".', { nodes: variable }))
    },
  }
}
