import t from 'tap'
import { shortAge } from '../../../launcher/cli/age.ts'

t.test('an age is shown in the largest unit of which it has at least two', async t => {
  const seconds = {
    0: '0s',
    1: '1s',
    119: '119s',
    120: '2m',
    7199: '119m',
    7200: '2h',
    172_799: '47h',
    172_800: '2d',
    8_640_000: '100d'
  }
  for (const [age, words] of Object.entries(seconds)) t.equal(shortAge(Number(age) * 1000), words, age)
})

t.test('a clock set back never gives a negative age', async t => {
  t.equal(shortAge(-5000), '0s')
})
