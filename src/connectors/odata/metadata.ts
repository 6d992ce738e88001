import { DOMParser, type Element } from '@xmldom/xmldom'
import type { Property } from './edm.ts'
import type { Shape } from './shapes.ts'

/**
 * What a service says of itself in `$metadata` (CSDL XML of V2 to V4.01): entity sets with their keys and properties,
 * and functions. Called by the connector, once a service. Throws `Error` where it is no such document.
 */
export interface Metadata {
  /** By the entity set's name. */
  readonly entitySets: ReadonlyMap<string, Shape>
  /** What a function gives back, by the name under which it is called. */
  readonly functions: ReadonlyMap<string, FunctionShape>
}

export interface FunctionShape {
  readonly parameters: ReadonlyMap<string, Property>
  readonly result: Shape
}

export function parseMetadata(xml: string): Metadata {
  // A document type could name entities that grow without bound, or files.
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) throw new Error('$metadata has a document type, which is not read')
  const root = documentOf(xml)
  const types = new Map<string, Element>()
  for (const schema of elements(root, 'Schema'))
    for (const type of [...children(schema, 'EntityType'), ...children(schema, 'ComplexType')])
      for (const space of [schema.getAttribute('Namespace'), schema.getAttribute('Alias')])
        if (space) types.set(`${space}.${type.getAttribute('Name')}`, type)
  const entitySets = elements(root, 'EntitySet').map(
    each => [nameOf(each), shapeOf(types, each.getAttribute('EntityType') ?? '')] as const,
  )
  return {
    entitySets: new Map(entitySets),
    functions: new Map([...v2Functions(root, types), ...v4Functions(root, types)]),
  }
}

function documentOf(xml: string): Element {
  try {
    const document = new DOMParser({
      onError: (level, message) => {
        if (level !== 'warning') throw new Error(message)
      },
    }).parseFromString(xml, 'text/xml')
    if (document.documentElement?.localName === 'Edmx') return document.documentElement
  } catch {
    // The parser's own message quotes the text.
  }
  throw new Error('$metadata is not the XML that describes a service')
}

function v2Functions(
  root: Element,
  types: ReadonlyMap<string, Element>,
): readonly (readonly [string, FunctionShape])[] {
  return elements(root, 'FunctionImport')
    .filter(each => each.hasAttribute('ReturnType'))
    .map(each => [nameOf(each), functionShape(each, each.getAttribute('ReturnType') ?? '', types)] as const)
}

function v4Functions(
  root: Element,
  types: ReadonlyMap<string, Element>,
): readonly (readonly [string, FunctionShape])[] {
  const functions = elements(root, 'Function').filter(each => each.getAttribute('IsBound') !== 'true')
  return elements(root, 'FunctionImport').flatMap(each => {
    const called = (each.getAttribute('Function') ?? '').replace(/^.*\./, '')
    const found = functions.find(one => nameOf(one) === called)
    if (found === undefined) return []
    const type = children(found, 'ReturnType')[0]?.getAttribute('Type') ?? ''
    return [[nameOf(each), functionShape(found, type, types)] as const]
  })
}

function functionShape(element: Element, type: string, types: ReadonlyMap<string, Element>): FunctionShape {
  const parameters = children(element, 'Parameter').map(each => [nameOf(each), propertyOf(each)] as const)
  return { parameters: new Map(parameters), result: shapeOf(types, type.replace(/^Collection\((.*)\)$/, '$1')) }
}

const DEEPEST_INHERITANCE = 10

function shapeOf(types: ReadonlyMap<string, Element>, name: string): Shape {
  const lineage: Element[] = []
  for (let type = types.get(name); type !== undefined && lineage.length < DEEPEST_INHERITANCE; ) {
    lineage.push(type)
    type = types.get(type.getAttribute('BaseType') ?? '')
  }
  const properties = new Map(
    lineage.flatMap(type => children(type, 'Property')).map(each => [nameOf(each), propertyOf(each)] as const),
  )
  const key = lineage.flatMap(type => children(type, 'Key')).flatMap(each => children(each, 'PropertyRef'))
  return { property: field => properties.get(field), key: key.map(nameOf) }
}

function propertyOf(element: Element): Property {
  return {
    name: nameOf(element),
    type: element.getAttribute('Type') ?? '',
    maxLength: numberOf(element, 'MaxLength'),
    precision: numberOf(element, 'Precision'),
    scale: numberOf(element, 'Scale'),
  }
}

/** Null: it says none, or a word such as `max`. */
function numberOf(element: Element, attribute: string): number | null {
  const text = element.getAttribute(attribute) ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}

function nameOf(element: Element): string {
  return element.getAttribute('Name') ?? ''
}

/** By local name: each version has namespaces of its own. */
function elements(root: Element, name: string): readonly Element[] {
  return [...root.getElementsByTagNameNS('*', name)]
}

function children(parent: Element, name: string): readonly Element[] {
  return [...parent.childNodes].filter(
    (node): node is Element => node.nodeType === 1 && (node as Element).localName === name,
  )
}
