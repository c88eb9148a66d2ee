"""Reads hourly weather from a CSV file and writes an HTML report. Usage: report.py CSV HTML"""

import csv
import sys
from collections import defaultdict

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def read(path):
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            date = row["date"]
            yield int(date[5:7]), int(date[11:13]), float(row["temperature"]), float(row["wind"])


def mean(values):
    return sum(values) / len(values)


def colour(celsius):
    """Blue at 0 °C, red at 25 °C."""
    warmth = max(0.0, min(1.0, celsius / 25))
    return f"hsl({220 - 220 * warmth:.0f} 70% 70%)"


def main(source, target):
    temperatures = defaultdict(list)
    winds = defaultdict(list)
    rows = 0
    for month, hour, temperature, wind in read(source):
        temperatures[month, hour].append(temperature)
        winds[month].append(wind)
        rows += 1
    print(f"read {rows} rows", flush=True)

    lines = [
        "<!doctype html>",
        '<meta charset="utf-8">',
        "<title>An average year in Seattle</title>",
        "<h1>An average year in Seattle</h1>",
        f"<p>Mean temperature in °C by month and hour, from {rows} rows.</p>",
        "<table>",
        "<tr><th></th>" + "".join(f"<th>{hour}</th>" for hour in range(24)) + "<th>wind, m/s</th></tr>",
    ]
    for month, name in enumerate(MONTHS, 1):
        means = [mean(temperatures[month, hour]) for hour in range(24)]
        cells = "".join(f'<td style="background:{colour(one)}">{one:.1f}</td>' for one in means)
        lines.append(f"<tr><th>{name}</th>{cells}<td>{mean(winds[month]):.1f}</td></tr>")
        print(f"{name}: {min(means):.1f} to {max(means):.1f} °C", flush=True)
    lines.append("</table>")
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    print(f"wrote {target}")


main(*sys.argv[1:])
