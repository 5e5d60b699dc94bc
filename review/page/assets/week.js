// The picked week: what is good and bad at a glance, the scorecards, all regions side by side.
const Week = (() => {
  const MARKS = { exact: "✓", near: "≈", off: "✗", "not reported": "·" };

  function badge(place, kpi, week) {
    const found = Numbers.badge(place, kpi, week), status = found?.status ?? "not reported";
    const title = found
      ? `${found.report}, pulled ${Format.day(found.pulled)}` + (found.reported === undefined || found.reported === null ? ""
        : `: it said ${Format.value(found.reported, kpi.unit)}, we said ${Format.value(found.ours, kpi.unit)}`)
      : "No report of this week was held against this number";
    return make("span", { class: `badge ${status.replace(" ", "-")}`, title }, `${MARKS[status]} ${status}`);
  }

  const delta = (change) => change && make("span", { class: `delta ${change.mood}` }, change.text);

  function compared(place, kpi, week, other) {
    const change = Numbers.change(Numbers.value(place, kpi, week), Numbers.value(place, kpi, other), kpi);
    return [Records.button(place, kpi, other, "small"), delta(change)];
  }

  function pace(place, kpi, week) {
    const found = Numbers.pace(place, kpi, week);
    if (!found) return make("span", { class: "none" }, "no target");
    const bar = make("span", { class: `bar ${found.mood}`, "aria-hidden": "true" }, make("span", {}));
    const full = found.target ? (100 * found.reached) / found.target : 0;
    bar.firstChild.style.width = `${Math.max(0, Math.min(100, full))}%`;
    const month = Format.month(found.first);
    const line = `${Format.value(found.reached, kpi.unit)} of ${Format.value(found.target, kpi.unit)} in ${month}`;
    const beside = `${Format.value(found.reached, kpi.unit)}, target ${Format.value(found.target, kpi.unit)} in ${month}`;
    const share = found.grows && found.share !== null ? ` (${Format.wholePercent(found.share)} of pace)` : "";
    return make("div", { class: "pace" },
      make("span", { class: `words ${found.mood}` }, `${found.words}${share}`), found.grows ? bar : null,
      make("span", { class: "detail" }, found.grows ? line : beside),
      found.grows ? make("span", { class: "detail" }, `${found.gone} of ${found.days} working days gone`) : null);
  }

  function card(place, week) {
    const rows = Numbers.kpis.map((kpi) => {
      const spark = make("div", { class: "spark", "data-kpi": kpi.name });
      const weeks = Numbers.lastWeeks(week, 13);
      queueMicrotask(() => Charts.spark(spark, kpi, weeks, weeks.map((each) => Numbers.value(place, kpi, each))));
      return [
        make("a", { href: `#kpi-${kpi.name}` }, kpi.title),
        Records.button(place, kpi, week, "large"),
        compared(place, kpi, week, Numbers.before(week)),
        compared(place, kpi, week, Numbers.lastYear(week)),
        spark,
        pace(place, kpi, week),
        badge(place, kpi, week),
      ];
    });
    return make("section", { class: "card", "data-place": place },
      make("h3", {}, Numbers.placeName(place), make("span", { class: "print-only" }, `, week of ${Format.week(week)}`)),
      makeTable({ class: "score" }, [
        ["KPI", "name"], ["This week", "now"], ["Week before", "other"], ["Same week last year", "other"],
        ["Last 13 weeks", "chart"], ["Month and target", "month"], ["Beside the report", "parity"],
      ], rows));
  }

  // Behind its target, or worse than both the week before and the same week last year; and the other way round.
  function judged(place, kpi, week) {
    const target = Numbers.pace(place, kpi, week), now = Numbers.value(place, kpi, week);
    if (now === null) return null;
    if (target && target.mood !== "same") return { mood: target.mood, why: target.grows ? `${target.words}, ${Format.wholePercent(target.share ?? 0)} of pace` : target.words };
    const moods = [Numbers.before(week), Numbers.lastYear(week)]
      .map((other) => Numbers.change(now, Numbers.value(place, kpi, other), kpi)?.mood);
    if (moods[0] === moods[1] && (moods[0] === "good" || moods[0] === "bad")) {
      return { mood: moods[0], why: `${moods[0] === "good" ? "better" : "worse"} than last week and last year` };
    }
    return null;
  }

  function glance(place, week) {
    const found = Numbers.kpis.map((kpi) => ({ kpi, judged: judged(place, kpi, week) })).filter(({ judged }) => judged);
    const list = (mood, title, nothing) => {
      const items = found.filter(({ judged }) => judged.mood === mood);
      return make("div", { class: `side ${mood}` }, make("h3", {}, title), items.length
        ? make("ul", {}, items.map(({ kpi, judged }) => make("li", {},
          make("strong", {}, kpi.title), ` ${Format.value(Numbers.value(place, kpi, week), kpi.unit)}`, make("span", {}, judged.why))))
        : make("p", {}, nothing));
    };
    const off = Numbers.kpis.filter((kpi) => Numbers.badge(place, kpi, week)?.status === "off").map(({ title }) => title);
    return [
      list("bad", "Look at", "Nothing is behind."), list("good", "Going well", "Nothing stands out."),
      off.length ? make("p", { class: "alert" }, `Off the report: ${off.join(", ")}.`) : null,
    ].filter(Boolean);
  }

  function matrix(week) {
    const columns = [["Region", "name"], ...Numbers.kpis.map(({ title }) => [title, "number"])];
    const rows = Numbers.places.map(({ id, name }) => [name, ...Numbers.kpis.map((kpi) => {
      const change = Numbers.change(Numbers.value(id, kpi, week), Numbers.value(id, kpi, Numbers.before(week)), kpi);
      const arrow = change && change.direction
        ? make("span", { class: `arrow ${change.mood}`, title: `${change.text} beside the week before` }, change.direction > 0 ? "▲" : "▼") : null;
      return [Records.button(id, kpi, week, "small"), arrow];
    })]);
    const table = makeTable({ class: "matrix" }, columns, rows);
    table.querySelector("tbody tr").className = "company";
    return table;
  }

  function draw(week, region) {
    const places = region === "all" ? Numbers.places.map(({ id }) => id) : [region];
    const heading = region === "all" ? "All regions" : Numbers.placeName(region);
    document.getElementById("week-heading").textContent = `${heading}: week of ${Format.week(week)}`;
    const note = document.getElementById("week-note");
    note.hidden = !Numbers.isRunning(week);
    note.textContent = `This week is still running: its numbers go up to ${Format.weekday(Numbers.asOf)} and compare with full weeks.`;
    document.getElementById("glance").replaceChildren(...glance(places[0], week));
    document.getElementById("cards").replaceChildren(...places.map((place) => card(place, week)));
    document.getElementById("matrix").replaceChildren(matrix(week));
  }

  return { draw };
})();
