import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createMerkleTree } from '../../../src/recovery/journal/merkle.ts'

const sha256 = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 6962 §2.1, word for word. */
function mth(leaves: readonly Uint8Array[]): Buffer {
  const [first = Buffer.alloc(0), second] = leaves
  if (leaves.length === 0) return sha256()
  if (second === undefined) return sha256(Uint8Array.of(0), first)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha256(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

describe('the Merkle tree', () => {
  test('has the root of RFC 6962 after every leaf', () => {
    const leaves = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 130 })
    fc.assert(
      fc.property(leaves, all => {
        const tree = createMerkleTree()
        expect(tree.root()).toBe(mth([]).toString('hex'))
        for (const [index, leaf] of all.entries()) {
          tree.append(leaf)
          expect(tree.root()).toBe(mth(all.slice(0, index + 1)).toString('hex'))
        }
      }),
      { numRuns: 30 },
    )
  })

  test('has the roots that Certificate Transparency publishes for its test tree', () => {
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]
    const tree = createMerkleTree()
    const found = leaves.map(leaf => {
      tree.append(Buffer.from(leaf, 'hex'))
      return tree.root()
    })
    expect(found).toEqual(roots)
  })
})
