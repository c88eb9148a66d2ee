import t from 'tap'
import { closestMatch, suggest, suggestOrList } from '../../../launcher/lib/closest-match.ts'

t.test('a typing error finds the intended word', async t => {
  const words = ['name', 'command', 'workingDirectory', 'tags']
  const cases: Array<[string, string | undefined]> = [
    ['nam', 'name'],
    ['nmae', undefined],
    ['comand', 'command'],
    ['Command', 'command'],
    ['WORKINGDIRECTORY', 'workingDirectory'],
    ['workDirectory', 'workingDirectory'],
    ['tag', 'tags'],
    ['zzz', undefined],
    ['', undefined]
  ]
  for (const [word, expected] of cases) t.equal(closestMatch(word, words), expected, word)
})

t.test('of two equally close words the first is taken, and an empty list gives none', async t => {
  t.equal(closestMatch('cat', ['bat', 'rat']), 'bat')
  t.equal(closestMatch('cat', []), undefined)
})

t.test('a suggestion is the end of a sentence, and nothing if no known word is close', async t => {
  t.equal(suggest('max-cpu', ['max-cpus', 'default-cpus']), '; did you mean max-cpus?')
  t.equal(suggest('tag', ['tags'], name => `--${name}`), '; did you mean --tags?')
  t.equal(suggest('zebra', ['max-cpus']), '')
  t.equal(suggestOrList('stp', ['stop', 'kill'], 'operations'), '; did you mean stop?')
  t.equal(suggestOrList('zebra', ['stop', 'kill'], 'operations'), '; the operations are stop, kill')
})
