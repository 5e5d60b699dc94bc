// Charts by uPlot.
const Charts = (() => {
  const COLORS = ["#0b5cad", "#c2410c", "#15803d", "#7e22ce", "#be185d", "#0e7490", "#854d0e", "#4b5563", "#1e3a8a", "#b91c1c"];
  const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
  const seconds = (iso) => Format.date(iso).getTime() / 1000;
  const drawn = [];
  // A region has one color in all charts.
  const color = (id) => (id === "Company" ? "#1f2933" : COLORS[(Numbers.places.findIndex((place) => place.id === id) - 1) % COLORS.length]);

  // Thirteen weeks as a line, the last a dot.
  function spark(into, kpi, weeks, values) {
    const last = values.length - 1;
    new uPlot({
      width: 132, height: 34, legend: { show: false }, cursor: { show: false }, padding: [4, 5, 4, 2], tzDate: utc,
      scales: { x: { time: false }, y: { range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) } },
      axes: [{ show: false }, { show: false }],
      series: [{}, { stroke: "#0b5cad", width: 1.5, points: { show: true, filter: () => [last], size: 6, fill: "#0b5cad" } }],
    }, [weeks.map((_, n) => n), values], into);
    const known = values.filter((value) => value !== null);
    into.setAttribute("role", "img");
    into.setAttribute("aria-label", known.length
      ? `${kpi.title}, ${weeks.length} weeks: lowest ${Format.value(Math.min(...known), kpi.unit)}, highest ${Format.value(Math.max(...known), kpi.unit)}, last ${Format.value(values[last], kpi.unit)}`
      : `${kpi.title}: no numbers`);
  }

  // A percentage of a month in which little happened may be anything: the few that are far out leave the chart, so that
  // the others can be told apart. The table below has them.
  function around(percents) {
    const sorted = percents.flat().filter((value) => value !== null).sort((a, b) => a - b);
    if (!sorted.length) return [0, 100];
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    const [low, high] = [at(0.02), at(0.98)], room = Math.max(1, 0.2 * (high - low));
    return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
  }

  // Full months by region; percentages with the company, whose dollars would press the regions flat.
  function trend(into, kpi) {
    const { starts, places } = Numbers.monthly;
    const running = Numbers.shift(Numbers.asOf, 1).slice(8) !== "01";
    const months = running ? starts.slice(0, -1) : starts;
    const shown = Numbers.places.filter(({ id }) => id !== "Company" || kpi.unit === "percent");
    const write = (_, value) => Format.value(value, kpi.unit);
    const values = shown.map(({ id }) => places[id][kpi.name].slice(0, months.length));
    const chart = new uPlot({
      width: Math.max(260, into.clientWidth), height: 220, tzDate: utc, padding: [10, 12, 0, 0],
      cursor: { points: { size: 6 }, drag: { x: false, y: false } },
      scales: { x: { time: true }, ...(kpi.unit === "percent" ? { y: { range: around(values) } } : {}) },
      axes: [
        { stroke: "#45525f", grid: { show: false }, ticks: { show: false }, space: 70 },
        { stroke: "#45525f", grid: { stroke: "#e4e9ee", width: 1 }, ticks: { show: false }, size: 58, values: (_, ticks) => ticks.map((tick) => Format.axis(tick, kpi.unit)) },
      ],
      series: [
        { label: "Month", value: (_, at) => (at === null ? "" : Format.month(new Date(at * 1000).toISOString().slice(0, 10))) },
        ...shown.map(({ id, name }) => ({
          label: name, value: write, points: { show: months.length < 3 },
          stroke: color(id), width: 1.5, dash: id === "Company" ? [5, 3] : undefined,
        })),
      ],
      hooks: { setCursor: [(u) => { if (u.cursor.idx === null || u.cursor.left < 0) atLast(u); }] },
    }, [months.map(seconds), ...values], into);
    const atLast = (u) => u.setLegend({ idx: months.length - 1 }, false);
    if (months.length) atLast(chart);
    into.setAttribute("role", "group");
    into.setAttribute("aria-label", `${kpi.title} by region and month; the numbers stand below`);
    drawn.push({ chart, into, shown });
  }

  // The picked region stands out.
  function highlight(place) {
    for (const { chart, shown } of drawn) {
      shown.forEach(({ id }, n) => { chart.series[n + 1].width = id === place ? 3.5 : 1.5; });
      chart.redraw(false, false);
    }
  }

  // To the room that there is, or to a size.
  function resize(size) {
    for (const { chart, into } of drawn) chart.setSize(size ?? { width: Math.max(260, into.clientWidth), height: 220 });
  }

  return { spark, trend, highlight, resize };
})();
