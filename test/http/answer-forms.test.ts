import { describe, expect, test } from '@jest/globals'
import { acceptedContentCoding } from '../../src/http/answer-forms.ts'

describe('the content coding', () => {
  test.each([
    ['', null],
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['GZIP', 'gzip'],
    ['deflate', null],
    ['identity', null],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['*;q=0', null],
    ['identity;q=0', null],
    ['identity;q=0, gzip', 'gzip'],
    ['identity;q=0, *;q=0', null],
    ['gzip;q=0', null],
    ['gzip;q=0.000', null],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br;q=0.5, gzip;q=0.5', 'br'],
    ['br ; q = 0.5 , gzip ; q=0.4', 'br'],
    ['identity, gzip;q=0.5', null],
    ['identity;q=0.3, gzip;q=0.5', 'gzip'],
    ['*;q=0.1, gzip;q=0.5', 'gzip'],
    ['br;q=none, gzip', 'gzip'],
    ['br;q=2, gzip;q=-1', null],
    ['br;q=0.5;level=11', null],
    ['br;level=11', null],
    [',,;,', null],
  ])('for Accept-Encoding %j is %j', (header, expected) => expect(acceptedContentCoding(header)).toBe(expected))
})
