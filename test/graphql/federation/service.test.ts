import { beforeAll, describe, expect, test } from '@jest/globals'
import { type DefinitionNode, type DocumentNode, Kind, parse, visit } from 'graphql'
import { subgraphSdl } from '../../../src/graphql/federation/service.ts'
import { loadSchema } from '../../../src/graphql/schema.ts'
import { SCHEMA_DIRECTORY } from '../../../src/partner-api.ts'

let document: DocumentNode
beforeAll(async () => {
  document = parse(subgraphSdl(await loadSchema(SCHEMA_DIRECTORY, { isSubgraph: true })))
})

const nameOf = (definition: DefinitionNode) => ('name' in definition ? definition.name?.value : undefined)

describe('the SDL of the subgraph', () => {
  test('has the directives of federation and of GraphQL alone', () => {
    const used = new Set<string>()
    visit(document, { Directive: ({ name }) => void used.add(name.value) })
    expect([...used].toSorted()).toEqual(['key', 'link', 'requiresScopes', 'shareable', 'specifiedBy'])
    expect(document.definitions.filter(({ kind }) => kind === Kind.DIRECTIVE_DEFINITION)).toEqual([])
  })

  test('has neither what federation adds by itself, nor streams, nor what only the gateway speaks of', () => {
    const named = new Set(document.definitions.map(nameOf))
    expect(named).toContain('Part')
    for (const name of ['_Any', '_Entity', '_Service', 'Subscription', 'ViewerFact']) expect(named).not.toContain(name)
    const root = document.definitions.find(
      definition => definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === 'Query',
    )
    const fields = root?.kind === Kind.OBJECT_TYPE_DEFINITION ? root.fields?.map(({ name }) => name.value) : []
    expect(fields).toContain('part')
    expect(fields?.filter(name => name.startsWith('_'))).toEqual([])
  })
})
