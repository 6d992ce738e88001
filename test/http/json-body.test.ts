import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseJsonBody } from '../../src/http/json-body.ts'

const parse = (text: string) => parseJsonBody(Buffer.from(text))
const refusal = (message: string) => expect.objectContaining({ code: 'BAD_REQUEST', message })

test('every JSON object is read as what it says', () => {
  const object = fc.dictionary(
    fc.string().filter(name => name !== '__proto__' && name !== 'constructor'),
    fc.jsonValue({ depthSize: 'small' }),
  )
  fc.assert(
    fc.property(object, value => {
      const text = JSON.stringify(value)
      fc.pre(!/__proto__|constructor/.test(text))
      expect(parse(text)).toEqual(JSON.parse(text))
      expect(parse(`\uFEFF${text}`)).toEqual(JSON.parse(text))
    }),
  )
})

test('a key that reaches a prototype is refused at any depth and in any spelling', () => {
  const letter = (character: string) =>
    fc.constantFrom(
      character,
      `\\u00${character.charCodeAt(0).toString(16)}`,
      `\\u00${character.charCodeAt(0).toString(16).toUpperCase()}`,
    )
  const spelled = (name: string) => fc.tuple(...[...name].map(letter)).map(letters => letters.join(''))
  const hostile = fc.oneof(
    spelled('__proto__').map(name => `{"${name}":1}`),
    fc.tuple(spelled('constructor'), spelled('prototype')).map(([outer, inner]) => `{"${outer}":{"${inner}":1}}`),
  )
  const around = fc.constantFrom(
    (text: string) => text,
    (text: string) => `{"a":[1,{"b":${text}}]}`,
    (text: string) => `{"a":${'['.repeat(5_000)}${text}${']'.repeat(5_000)}}`,
  )
  fc.assert(
    fc.property(hostile, around, (text, wrap) =>
      expect(() => parse(wrap(text))).toThrow(
        refusal('The body may not have a key __proto__, nor a key prototype under a key constructor.'),
      ),
    ),
  )
})

describe('the same words are no harm', () => {
  test.each([
    '{"query":"__proto__"}',
    '{"constructor":"prototype"}',
    '{"constructor":{"a":1},"prototype":2}',
    '{"a":"\\u005f"}',
  ])('in %s', text => expect(parse(text)).toEqual(JSON.parse(text)))
})

test('a refusal names the place and quotes nothing', () => {
  expect(() => parse('{"query": secret}')).toThrow(refusal('The body is not JSON: see character 11.'))
  expect(() => parse(' ')).toThrow(refusal('The body is empty.'))
  expect(() => parse('[{}]')).toThrow(refusal('The body must be one JSON object; batches are not served.'))
  expect(() => parseJsonBody(Buffer.from([0x7b, 0xff]))).toThrow(refusal('The body is not UTF-8: see byte 2.'))
})
