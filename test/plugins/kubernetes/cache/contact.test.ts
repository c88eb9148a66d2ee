import pino from 'pino'
import t from 'tap'
import { createContact, type Contact } from '../../../../plugins/kubernetes/cache/contact.ts'

/** A contact, and the level and message of each line it logs. */
function loggedContact (): { contact: Contact, lines: string[] } {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, {
    write (text: string) {
      const { level, msg } = JSON.parse(text)
      lines.push(`${pino.levels.labels[level]} ${msg}`)
    }
  })
  return { contact: createContact(log), lines }
}

const error = new Error('no route')

t.test('the third failure in a row is a warning, and the next watch says that the outage has ended', async t => {
  const { contact, lines } = loggedContact()
  for (const failures of [1, 2, 3, 4]) contact.failed(error, failures)
  contact.received()
  contact.watching()
  contact.watching()
  t.strictSame(lines, [
    'debug watch interrupted',
    'debug watch interrupted',
    'warn watch lost',
    'debug watch interrupted',
    'warn watch restored'
  ])
})

t.test('a list alone does not end an outage', async t => {
  const { contact, lines } = loggedContact()
  contact.failed(error, 3)
  contact.received()
  contact.failed(error, 4)
  t.strictSame(lines, ['warn watch lost', 'debug watch interrupted'])
})

t.test('the last failure is known until the server sends something', async t => {
  const { contact } = loggedContact()
  t.equal(contact.age(), undefined)
  contact.failed(error, 1)
  t.equal(contact.lastError(), error)
  t.equal(contact.age(), undefined)
  contact.received()
  t.equal(contact.lastError(), undefined)
  t.ok(contact.age()! >= 0)
})
