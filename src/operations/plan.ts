import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  separateOperations,
  specifiedRules,
  validate,
} from 'graphql'
import { GatewayError } from '../model/errors.ts'
import { deepFreeze } from '../model/freeze.ts'
import { keyOf } from '../model/key.ts'
import type { CostLimits, Variables } from './cost.ts'
import type { Declarations } from './declarations.ts'
import { assertWithinLimits, type DocumentLimits } from './document-limits.ts'
import { hasConditions, measureDocument } from './document-shape.ts'
import { type Fold, foldOperation } from './fold.ts'
import { neverNullVariables } from './null-variables.ts'
import { conditionsOnEvents } from './subscription-conditions.ts'
import { saneVariableNames } from './variable-names.ts'
import { variableProblem } from './variable-problem.ts'

/**
 * The operation plan: everything the gateway knows of an operation before it runs, made once per document. Authorization,
 * cost, caching and execution all work from the plan, and what it analysed is what is executed. Never runs a resolver.
 */
export interface Plan extends Omit<Fold, 'cost'> {
  /** Names the operation in its document; equal text and operation name give an equal key. */
  readonly key: string
  /** Names what is asked: the same for documents that differ in white space, comments or operations that are not run. */
  readonly meaning: string
  /** SHA-256 of the document's text in UTF-8, in lower-case hexadecimal: what persisted documents go by. */
  readonly documentId: string
  readonly operationName: string | null
  /** The one operation with its fragments: exactly what was analysed, and what is executed. */
  readonly document: DocumentNode
  /** How many fields it has with each fragment written out wherever it is spread. */
  readonly fields: number
  /** Whether anything in it stands under `@include` or `@skip`. */
  readonly isConditional: boolean
  /** The variables' values with defaults applied; throws `BAD_USER_INPUT` with every problem as its cause. */
  coerceVariables(raw: Variables | undefined): Variables
  /** Cost under coerced variables; throws `BAD_USER_INPUT` where a list is larger than the gateway answers. */
  costOf(variables: Variables): number
}

/** What may be asked: answers to queries, or the events of a subscription. */
export type OperationKind = 'query' | 'subscription'

export interface PlanOptions {
  readonly schema: GraphQLSchema
  readonly declarations: Declarations
  readonly limits: DocumentLimits & CostLimits
}

export interface AskedDocument {
  readonly source: string
  readonly document: DocumentNode
  readonly operationName: string | undefined
}

/** Problems reported for one document, so that a hostile one cannot buy a long answer. */
const MAX_PROBLEMS = 10

export function planKey(documentId: string, operationName: string | undefined, kind: OperationKind): string {
  return `${kind} ${documentId} ${operationName === undefined ? 'only' : `named ${operationName}`}`
}

/** The plan of one operation of a document, of that kind alone; throws GatewayError where it cannot be asked. */
export function createPlan(
  options: PlanOptions,
  { source, document, operationName }: AskedDocument,
  documentId: string,
  kind: OperationKind,
): Plan {
  const { schema, declarations, limits } = options
  assertWithinLimits(source, document, limits)
  assertValid(schema, document)
  const operation = chosenOperation(document, operationName)
  const root = schema.getRootType(operation.operation)
  if (!root || operation.operation !== kind)
    throw new GatewayError('OPERATION_RESOLUTION_FAILURE', `No ${operation.operation} operations are served here.`)
  const meaning = print(separateOperations(document)[operation.name?.value ?? ''] ?? document)
  // All that the plan keeps is made of this: without the document's other operations, so that an engine that remembers
  // compiled operations by document cannot mistake one for another, and without source positions, each of which holds the
  // whole text with all its tokens.
  const separate = parse(meaning, { noLocation: true })
  const own = chosenOperation(separate, operationName)
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of separate.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const { cost, ...fold } = foldOperation(schema, declarations, limits, root, own.selectionSet, fragments)
  return {
    key: planKey(documentId, operationName, kind),
    meaning: keyOf(meaning),
    documentId,
    operationName: own.name?.value ?? null,
    document: separate,
    fields: measureDocument(separate).size(own.selectionSet),
    isConditional: hasConditions(separate),
    ...fold,
    coerceVariables: coercionFor(schema, own, neverNullVariables(schema, separate)),
    costOf: variables => cost(variables, new Map()),
  }
}

function coercionFor(
  schema: GraphQLSchema,
  { variableDefinitions }: OperationDefinitionNode,
  neverNull: ReadonlySet<string>,
): Plan['coerceVariables'] {
  return raw => {
    const { coerced, errors } = getVariableValues(schema, variableDefinitions ?? [], raw ?? {}, {
      maxErrors: MAX_PROBLEMS,
      hideSuggestions: true,
    })
    if (errors) throw refusal('BAD_USER_INPUT', errors.map(variableProblem))
    const nulls = [...neverNull].filter(name => Object.hasOwn(coerced, name) && coerced[name] === null)
    if (nulls.length > 0) {
      throw refusal(
        'BAD_USER_INPUT',
        nulls.map(name => new GraphQLError(`Variable "$${name}" must not be null where it is used.`)),
      )
    }
    // Shared by all who ask the same.
    return deepFreeze(coerced)
  }
}

function assertValid(schema: GraphQLSchema, document: DocumentNode): void {
  // First: the rule on a subscription's one field throws over conditions that depend on variables.
  const conditions = conditionsOnEvents(document)
  if (conditions.length > 0) throw refusal('GRAPHQL_VALIDATION_FAILED', conditions)
  const errors = validate(schema, document, [...specifiedRules, saneVariableNames], {
    maxErrors: MAX_PROBLEMS,
    hideSuggestions: true,
  })
  if (errors.length > 0) throw refusal('GRAPHQL_VALIDATION_FAILED', errors)
}

function chosenOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName)
  if (operation) return operation
  const problem =
    operationName === undefined
      ? 'The document has several operations: name one in operationName.'
      : 'The document has no operation of the name given in operationName.'
  throw new GatewayError('OPERATION_RESOLUTION_FAILURE', problem)
}

function refusal(code: 'BAD_USER_INPUT' | 'GRAPHQL_VALIDATION_FAILED', errors: readonly GraphQLError[]): GatewayError {
  return new GatewayError(code, errors[0]?.message ?? 'The request is not valid.', {
    cause: new AggregateError(errors),
  })
}
