// The numbers of the page, and how two of them compare.
const Numbers = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const weeks = data.weekly.starts;
  const weekAt = new Map(weeks.map((week, n) => [week, n]));
  const detailed = new Set(data.detailed);
  const byKey = (rows) => new Map(rows.map((row) => [`${row.week}|${row.place}|${row.kpi}`, row]));
  const targets = byKey(data.targets), badges = byKey(data.parity);
  const shift = (week, days) => new Date(Format.date(week).getTime() + days * 864e5).toISOString().slice(0, 10);

  function value(place, kpi, week) {
    const n = weekAt.get(week);
    return n === undefined ? null : data.weekly.places[place][kpi.name][n];
  }

  // text, direction (1, 0, -1) and mood (good, bad, same) of a change; null where one side is missing.
  function change(now, before, kpi) {
    if (now === null || before === null) return null;
    const difference = now - before;
    const size = kpi.unit === "percent" ? Math.abs(difference) : before ? Math.abs((100 * difference) / before) : null;
    const direction = size !== null && size < 0.05 ? 0 : Math.sign(difference);
    const mood = direction === 0 ? "same" : (direction > 0) === (kpi.better === "up") ? "good" : "bad";
    const amount = size === null ? "from zero" : kpi.unit === "percent" ? Format.points(size) : size > 999 ? "over 999%" : Format.percent(size);
    return { direction, mood, text: direction ? `${direction > 0 ? "▲" : "▼"} ${amount}` : "no change" };
  }

  // How the month stands beside its target; null where there is none.
  function pace(place, kpi, week) {
    const target = targets.get(`${week}|${place}|${kpi.name}`);
    if (!target || target.reached === null) return null;
    const grows = kpi.adds_up !== "ratio" && kpi.adds_up !== "balance";
    const gap = kpi.better === "up" ? target.reached - target.expected : target.expected - target.reached;
    const share = target.expected ? (100 * target.reached) / target.expected : null;
    const near = kpi.unit === "percent" ? 1 : 0.1 * target.expected;
    const mood = gap >= 0 ? "good" : gap >= -near ? "same" : "bad";
    const ahead = share !== null && share >= 105;
    const words = grows
      ? { good: ahead ? "ahead" : "on pace", same: "a little behind", bad: "behind" }[mood]
      : { good: "target met", same: "just missed", bad: "missed" }[mood];
    return { ...target, grows, mood, share, words };
  }

  return {
    ...data,
    starts: weeks,
    value,
    change,
    pace,
    shift,
    isDetailed: (week) => detailed.has(week),
    isRunning: (week) => shift(week, 6) > data.asOf,
    badge: (place, kpi, week) => badges.get(`${week}|${place}|${kpi.name}`) ?? null,
    before: (week) => shift(week, -7),
    lastYear: (week) => shift(week, -364),
    lastWeeks: (week, count) => Array.from({ length: count }, (_, n) => shift(week, -7 * (count - 1 - n))),
    placeName: (id) => data.places.find((place) => place.id === id)?.name ?? id,
    kpi: (name) => data.kpis.find((kpi) => kpi.name === name),
  };
})();
