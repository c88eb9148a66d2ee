import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { certificates, NAME } from './certificates.ts'

t.test('both certificates have one authority and the same names, and one of them has expired', async t => {
  const { authority, valid, expired } = certificates()
  const ca = new X509Certificate(authority)
  const [good, late] = [new X509Certificate(valid), new X509Certificate(expired)]
  for (const one of [good, late]) {
    t.ok(one.verify(ca.publicKey))
    t.equal(one.checkHost(NAME), NAME)
    t.equal(one.checkIP('127.0.0.1'), '127.0.0.1')
  }
  t.ok(Date.parse(good.validTo) > Date.now() && Date.parse(good.validFrom) < Date.now())
  t.ok(Date.parse(late.validTo) < Date.now())
})
