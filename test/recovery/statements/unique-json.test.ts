import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseUniqueJson } from '../../../src/recovery/statements/unique-json.ts'

test('JSON with each name once is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary', maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
      fc.pre(!text.includes('__proto__'))
      const spaced = JSON.stringify(JSON.parse(text), null, space)
      expect(parseUniqueJson(spaced)).toEqual(JSON.parse(spaced))
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['{"a":1,"a":1}', '"a"'],
  ['{"a":1,"\\u0061":2}', '"a"'],
  ['[{"b":{"c":[1],"d":{},"c":null}}]', '"c"'],
  ['{"\\"":1,"x":"\\":","\\"" :2}', '"\\""'],
  ['{"":0\n,\t"" \r\n:1}', '""'],
])('a name that stands twice in one object is refused: %s', (text, name) => {
  expect(() => parseUniqueJson(text)).toThrow(new SyntaxError(`has the member ${name} twice`))
})

test('__proto__ is refused, however it is written and wherever it stands', () => {
  for (const text of ['{"__proto__":1}', '[{"a":{"\\u005f_proto__":{}}}]'])
    expect(() => parseUniqueJson(text)).toThrow(new SyntaxError('has a member "__proto__"'))
  expect(parseUniqueJson('{"a":"__proto__"}')).toEqual({ a: '__proto__' })
})

test.each(['{"a":{"a":1},"b":[{"a":2},{"a":3}]}', '["a","a"]', '{"x":"a\\":","a":"a:a"}', '{"a":"a","b":"a"}'])(
  'a name may stand again in another object, and in text: %s',
  text => {
    expect(parseUniqueJson(text)).toEqual(JSON.parse(text))
  },
)

test('what is no JSON is refused without being quoted', () => {
  for (const text of ['', '{', '{"secret":1,}', "{'a':1}", '\ufeff{}', '{"a":1}{"a":1}'])
    expect(() => parseUniqueJson(text)).toThrow(new SyntaxError('is not JSON'))
})

test('text as long and as deep as a statement may be is read', () => {
  for (const text of [`"${'\\n'.repeat(32_000)}"`, `${'['.repeat(30_000)}${']'.repeat(30_000)}`])
    expect(() => parseUniqueJson(text)).not.toThrow()
})
