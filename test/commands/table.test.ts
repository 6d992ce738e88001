import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { printable } from '../../src/commands/printable.ts'
import { renderTable } from '../../src/commands/table.ts'

test('columns are as wide as their widest cell, and the last is wrapped between words', () => {
  const rows = [
    ['TWO_ATTESTATIONS', 'PASSED', 'two count'],
    ['GAP', 'MISSING', 'the transition must say from when to when entries may be missing'],
  ]
  expect(renderTable({ columns: ['guard', 'outcome', 'reason'], rows }, 60)).toBe(
    [
      'GUARD             OUTCOME  REASON',
      'TWO_ATTESTATIONS  PASSED   two count',
      'GAP               MISSING  the transition must say from when',
      '                           to when entries may be missing',
      '',
    ].join('\n'),
  )
})

test('no line is longer than the terminal, and no character is lost, whatever stands in the last column', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 40, max: 200 }), (text, width) => {
      const [, ...lines] = renderTable({ columns: ['name', 'text'], rows: [['a', text]] }, width)
        .trimEnd()
        .split('\n')
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
      const shown = lines.map((line, index) => line.slice(index === 0 ? 1 : 0)).join('')
      expect(shown.replace(/\s/g, '')).toBe(printable(text.replace(/\s/g, '')))
    }),
  )
})

test('a narrow terminal still shows the last column', () => {
  const table = renderTable({ columns: ['a', 'b'], rows: [['x'.repeat(30), 'word '.repeat(6)]] }, 10)
  expect(table).toContain('word word word word')
})

test('what a stranger wrote cannot act on the terminal', () => {
  const table = renderTable({ columns: ['name'], rows: [['\u001b[2Jgone\u0007\u202eevil\nsecond line']] })
  expect(table).toBe('NAME\n\\u{1b}[2Jgone\\u{7}\\u{202e}evil second line\n')
  expect(printable('kept\nas it is: Škoda, 日本')).toBe('kept\nas it is: Škoda, 日本')
})
