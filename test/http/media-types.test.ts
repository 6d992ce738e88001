import { describe, expect, test } from '@jest/globals'
import { acceptedMediaType, assertJsonBody } from '../../src/http/media-types.ts'

const JSON_TYPE = 'application/json'
const GRAPHQL_TYPE = 'application/graphql-response+json'

describe('the form of an answer', () => {
  test.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['application/json', JSON_TYPE],
    ['APPLICATION/JSON; charset=utf-8', JSON_TYPE],
    ['application/graphql-response+json', GRAPHQL_TYPE],
    ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_TYPE],
    ['application/graphql-response+json;q=0.5, application/json', JSON_TYPE],
    ['application/graphql-response+json, application/json', GRAPHQL_TYPE],
    ['application/graphql-response+json, */*', GRAPHQL_TYPE],
    ['application/json;q=0, */*', GRAPHQL_TYPE],
    ['application/json;q=0', null],
    ['text/html, image/*', null],
    ['text/event-stream', null],
    ['application/json;q=none', null],
    ['application/json; charset=utf-16', null],
    ['application/json; version=2, application/graphql-response+json', GRAPHQL_TYPE],
  ])('for Accept %j is %j', (accept, expected) => expect(acceptedMediaType(accept)).toBe(expected))
})

describe('the declared type of a body', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
  ])('%j is JSON', contentType => expect(() => assertJsonBody(contentType, undefined)).not.toThrow())

  test.each([
    undefined,
    '',
    'text/plain',
    'application/jsonp',
    'application/json-patch+json',
    'application/graphql',
    'application/json; charset=latin1',
    'application/json; charset=utf-8; boundary=x',
    'application/json; charset=utf-8,text/plain',
    'application/json;',
    'application/json, text/plain',
    'text/plain; application/json',
    'application/json\tcharset=utf-8',
    'multipart/form-data',
  ])('%j is refused', contentType =>
    expect(() => assertJsonBody(contentType, undefined)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
    ),
  )

  test('a compressed body is refused', () =>
    expect(() => assertJsonBody('application/json', 'gzip')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
    ))
})
