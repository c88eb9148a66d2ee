// Reads hourly weather from a CSV file and writes an HTML report. Usage: report.mjs CSV HTML

import { readFileSync, writeFileSync } from 'node:fs'

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
const [source, target] = process.argv.slice(2)

const [, ...records] = readFileSync(source, 'utf8').trim().split('\n')
const rows = records.map(record => {
  const [date, , temperature, wind] = record.split(',')
  return {
    month: Number(date.slice(5, 7)),
    hour: Number(date.slice(11, 13)),
    temperature: Number(temperature),
    wind: Number(wind)
  }
})
console.log(`read ${rows.length} rows`)

const lines = [
  '<!doctype html>',
  '<meta charset="utf-8">',
  '<title>An average year in Seattle</title>',
  '<h1>An average year in Seattle</h1>',
  `<p>Mean temperature in °C by month and hour, from ${rows.length} rows.</p>`,
  '<table>',
  `<tr><th></th>${HOURS.map(hour => `<th>${hour}</th>`).join('')}<th>wind, m/s</th></tr>`
]
for (const [index, name] of MONTHS.entries()) {
  const month = rows.filter(row => row.month === index + 1)
  const means = HOURS.map(hour => mean(month.filter(row => row.hour === hour).map(row => row.temperature)))
  const cells = means.map(one => `<td style="background:${colour(one)}">${one.toFixed(1)}</td>`).join('')
  lines.push(`<tr><th>${name}</th>${cells}<td>${mean(month.map(row => row.wind)).toFixed(1)}</td></tr>`)
  console.log(`${name}: ${Math.min(...means).toFixed(1)} to ${Math.max(...means).toFixed(1)} °C`)
}
lines.push('</table>')
writeFileSync(target, lines.join('\n') + '\n')
console.log(`wrote ${target}`)

function mean (values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Blue at 0 °C, red at 25 °C. */
function colour (celsius) {
  const warmth = Math.max(0, Math.min(1, celsius / 25))
  return `hsl(${(220 - 220 * warmth).toFixed(0)} 70% 70%)`
}
