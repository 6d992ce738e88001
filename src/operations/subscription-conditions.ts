import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'

/**
 * A rule on documents: the field that a subscription follows stands under no `@include` or `@skip` (GraphQL specification,
 * "Single root field"). Without it there would be a subscription to nothing. Called by `plan.ts` before validation.
 */
export function conditionsOnEvents(document: DocumentNode): readonly GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  return document.definitions.flatMap(definition =>
    definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.SUBSCRIPTION
      ? conditionsIn(definition.selectionSet, fragments, new Set())
      : [],
  )
}

/** Of the root fields alone, through fragments, each once. */
function conditionsIn(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  seen: Set<string>,
): readonly GraphQLError[] {
  return set.selections.flatMap(selection => {
    const own = (selection.directives ?? [])
      .filter(({ name }) => name.value === 'include' || name.value === 'skip')
      .map(nodes => new GraphQLError(`A subscription's field may not stand under @${nodes.name.value}.`, { nodes }))
    if (selection.kind === Kind.FIELD) return own
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return [...own, ...conditionsIn(selection.selectionSet, fragments, seen)]
    const name = selection.name.value
    const fragment = seen.has(name) ? undefined : fragments.get(name)
    seen.add(name)
    return fragment ? [...own, ...conditionsIn(fragment.selectionSet, fragments, seen)] : own
  })
}
