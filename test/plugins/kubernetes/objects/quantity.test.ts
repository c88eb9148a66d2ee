import t from 'tap'
import { parseQuantity } from '../../../../plugins/kubernetes/objects/quantity.ts'

t.test('a quantity is read with its suffix, and any other text is no number', async t => {
  const numbers = { 1: 1, '250m': 0.25, '128Mi': 128 * 2 ** 20, '1.5G': 1.5e9, '2e3': 2000, '-1k': -1000, '1n': 1e-9 }
  for (const [text, number] of Object.entries(numbers)) t.equal(parseQuantity(text), number, text)
  for (const text of ['', 'Mi', '1Xi', '1 Mi', 'many']) t.ok(Number.isNaN(parseQuantity(text)), text)
})
