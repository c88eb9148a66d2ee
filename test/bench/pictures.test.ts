import t from 'tap'
import { flameGraph } from '../../bench/flame-graph.ts'
import { plot } from '../../bench/plot.ts'

t.test('the plot has a bar for each rate, the longest for the highest, and escapes markup in names', async t => {
  const svg = plot([
    { name: 'submit/<16>', ratio: 0.5, detail: '', rates: { launcher: 250, 'bare client': 500 } },
    { name: 'without rates', ratio: 1, detail: '' }
  ], 'two cores')
  const widths = Array.from(svg.matchAll(/<rect x="260" y="\d+" width="(\d+)"/g), ([, width]) => Number(width))
  t.strictSame(widths, [210, 420])
  t.match(svg, /submit\/&#60;16&#62;/)
  t.match(svg, /two cores/)
  t.notMatch(svg, /without rates/)
})

t.test('the flame graph gives each function its share of the busy time spent on the stack', async t => {
  const frame = (functionName: string) => ({ functionName, url: 'file:///a/b.ts', lineNumber: 4 })
  const svg = flameGraph({
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 4] },
      { id: 2, callFrame: frame('outer'), children: [3] },
      { id: 3, callFrame: frame('inner') },
      { id: 4, callFrame: frame('(idle)') }
    ],
    samples: [2, 3, 3, 4],
    timeDeltas: [100, 100, 200, 5000]
  })
  t.match(svg, /outer a\/b\.ts:5, 100\.0 %/)
  t.match(svg, /inner a\/b\.ts:5, 75\.0 %/)
  t.notMatch(svg, /idle/)
})
