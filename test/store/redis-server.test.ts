import { describe, expect, test } from '@jest/globals'
import { serverOf } from '../../src/store/redis-server.ts'

describe('the address of the shared store', () => {
  test.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://gateway:a%40b%25@[::1]:7000/', { host: '::1', port: 7000, username: 'gateway', password: 'a@b%' }],
    ['rediss://:p@store.example', { host: 'store.example', port: 6379, password: 'p', tls: {} }],
  ])('is read from %s', async (url, address) => expect(await serverOf(url, undefined)).toEqual(address))

  test.each([
    ['redis://user:p4ss@host:99999', undefined, 'valid host and port'],
    ['redis://user:p4ss@host/3', undefined, 'must end after the port'],
    ['redis://user:p4ss@host?x=1', undefined, 'must end after the port'],
    ['redis://user:p4ss%@host', undefined, '%25'],
    ['redis://user:p4ss@host', {}, 'rediss://'],
    ['rediss://user:p4ss@host', { ca: '/nowhere/ca.pem' }, '/nowhere/ca.pem'],
  ])('is refused as %s, with the reason and without the password', async (url, tls, reason) => {
    const refusal = await serverOf(url, tls).catch((thrown: unknown) => String(thrown))
    expect(refusal).toContain(reason)
    expect(refusal).not.toContain('p4ss')
  })
})
