import { createHash } from 'node:crypto'

/**
 * A Merkle tree as in Certificate Transparency (RFC 6962 §2.1) over a list that only grows. It keeps one hash for each
 * whole subtree, so appending and the root cost O(log n). Its leaves are the hashes of the journal's entries.
 */
export interface MerkleTree {
  append(leaf: Uint8Array): void
  /** Root of the leaves so far (RFC 6962 §2.1, MTH), hexadecimal. */
  root(): string
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export function createMerkleTree(): MerkleTree {
  /** One for each bit that is set in the size, the largest first: whole subtrees from left to right. */
  const subtrees: Buffer[] = []
  let size = 0
  return {
    append(leaf) {
      let right = sha256(LEAF, leaf)
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        const left = subtrees.pop()
        if (left === undefined) throw new TypeError('a Merkle tree has lost a subtree')
        right = sha256(NODE, left, right)
      }
      subtrees.push(right)
      size += 1
    },
    root() {
      const whole = subtrees.length === 0 ? sha256() : subtrees.reduceRight((right, left) => sha256(NODE, left, right))
      return whole.toString('hex')
    },
  }
}
