// The records behind a number: unpacked when the first one is opened.
const Records = (() => {
  const dialog = document.getElementById("records");
  const body = document.getElementById("records-body");
  const heading = document.getElementById("records-heading");
  const AT_ONCE = 200;
  let unpacked = null, opener = null;

  async function load() {
    const text = atob(document.getElementById("packed-records").textContent.trim());
    const bytes = Uint8Array.from(text, (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  // The records of one number, the largest first.
  async function behind(place, kpi, week) {
    const packed = await (unpacked ??= load());
    const columns = packed.kpis[kpi.name];
    const at = (name, n) => (Array.isArray(columns[name]) ? columns[name][n] : columns[name]);
    const length = Math.max(0, ...Object.values(columns).map((column) => (Array.isArray(column) ? column.length : 1)));
    const wanted = packed.weeks.indexOf(week), found = [];
    for (let n = 0; n < length; n += 1) {
      const from = at("from", n), unit = at("unit", n);
      if (wanted < from || wanted > from + at("to", n)) continue;
      if (place !== "Company" && packed.regions[unit] !== place) continue;
      const who = at("who", n), name = packed.who.customer[who];
      found.push({
        job: packed.who.job[who],
        customer: name < 0 ? "" : packed.names[name],
        unit: packed.units[unit],
        day: kpi.adds_up === "balance" ? null : Numbers.shift(week, at("day", n)),
        why: packed.whys[at("why", n)],
        key: at("key", n),
        over: at("over", n) / 100,
        under: at("under", n) / 100,
      });
    }
    return found.sort((a, b) => Math.abs(b.over) - Math.abs(a.over) || b.under - a.under);
  }

  const total = (records, side) => records.reduce((sum, record) => sum + Math.round(record[side] * 1e7), 0) / 1e7;

  // What the records add up to, as the number does.
  function sum(kpi, records) {
    const over = total(records, "over"), under = total(records, "under");
    if (kpi.adds_up === "distinct") {
      const customers = new Set(records.map(({ key }) => key)).size;
      return { value: customers, words: `${Format.count(customers)} customers by name, in ${Format.count(records.length)} jobs` };
    }
    if (kpi.adds_up === "ratio") {
      const write = kpi.name === "close_rate_percent" ? Format.count : Format.cents;
      const value = under ? (100 * over) / under : null;
      return { value, words: `${kpi.parts[0]} ${write(over)} ÷ ${kpi.parts[1].toLowerCase()} ${write(under)} = ${Format.value(value, kpi.unit)}` };
    }
    if (kpi.unit === "count") return { value: over, words: `${Format.count(over)} jobs` };
    return { value: over, words: `${Format.cents(over)} in ${Format.count(records.length)} records` };
  }

  function table(kpi, records) {
    const counted = kpi.unit === "count", amounts = counted ? [] : kpi.adds_up === "ratio" ? ["over", "under"] : ["over"];
    const write = kpi.name === "close_rate_percent" ? Format.count : Format.cents;
    const dated = kpi.adds_up !== "balance";
    const columns = [
      ["Job or record", "job"], ["Customer", ""], ["Business unit", ""], ...(dated ? [["Day", "day"]] : []),
      ...amounts.map((_, n) => [kpi.parts[n], "number"]), ["Why it counts", "why"],
    ];
    const rows = records.map((record) => [
      record.job, record.customer || "(no customer)", record.unit, ...(dated ? [Format.weekday(record.day)] : []),
      ...amounts.map((side) => write(record[side])), record.why,
    ]);
    const made = makeTable({ class: "records" }, columns, rows);
    if (amounts.length) {
      const blank = columns.length - amounts.length - 2;
      made.append(make("tfoot", {}, make("tr", {},
        make("th", { scope: "row" }, "Sum"), make("td", { colspan: blank }),
        amounts.map((side) => make("td", { class: "number" }, write(total(records, side)))), make("td"))));
    }
    return made;
  }

  // In a shell's double quotes these four signs mean something.
  const quoted = (text) => `"${text.replace(/["\\$`]/g, "\\$&")}"`;
  const explain = (place, kpi, week) => `make explain KPI=${kpi.name} WEEK=${week} UNIT=${quoted(place)}`;

  async function open(place, kpi, week, from) {
    opener = from;
    const shown = Numbers.value(place, kpi, week);
    heading.textContent = `${kpi.title}, ${Numbers.placeName(place)}`;
    const number = make("p", { class: "dialog-number" }, Format.value(shown, kpi.unit),
      make("span", {}, ` week of ${Format.week(week)}`));
    body.replaceChildren(number);
    if (!dialog.open) dialog.showModal();
    body.focus();
    if (!Numbers.isDetailed(week)) {
      body.append(
        make("p", {}, "This page holds the records of the last 13 weeks and of the same weeks last year. For this number, run:"),
        make("pre", { class: "explain", tabindex: "0" }, explain(place, kpi, week)));
      return;
    }
    let records;
    try {
      records = await behind(place, kpi, week);
    } catch {
      body.append(make("p", {}, "This browser cannot unpack the records; a newer one can. Or run:"),
        make("pre", { class: "explain", tabindex: "0" }, explain(place, kpi, week)));
      return;
    }
    const added = sum(kpi, records);
    const asOf = kpi.adds_up === "balance"
      ? make("p", { class: "note" }, `As of ${Format.weekday([Numbers.shift(week, 6), Numbers.asOf].sort()[0])}`) : null;
    body.append(make("p", { class: "sum", "data-value": added.value ?? "" }, added.words), ...(asOf ? [asOf] : []));
    if (!records.length) return;
    const holder = make("div", { class: "scroll" }, table(kpi, records.slice(0, AT_ONCE)));
    body.append(holder);
    if (records.length > AT_ONCE) {
      // The sum is that of all records, not of those on show.
      const foot = holder.querySelector("tfoot");
      if (foot) foot.replaceWith(table(kpi, records).querySelector("tfoot"));
      const more = make("button", { type: "button", class: "plain", on: { click: () => {
        holder.replaceChildren(table(kpi, records));
        more.remove();
        body.focus();
      } } }, `Show all ${Format.count(records.length)} (the largest ${AT_ONCE} are here)`);
      body.append(more);
    }
  }

  document.getElementById("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  // The scorecard may have been drawn anew: the button of the same number takes the focus back.
  dialog.addEventListener("close", () => opener?.isConnected && opener.focus());

  // A number that opens into its records.
  function button(place, kpi, week, kind) {
    const text = Format.value(Numbers.value(place, kpi, week), kpi.unit);
    if (Numbers.value(place, kpi, week) === null) return make("span", { class: `none ${kind}`, title: "Nothing to divide by, or no such week" }, text);
    const made = make("button", {
      type: "button", class: `open ${kind}`, "data-kpi": kpi.name, "data-place": place, "data-week": week,
      "aria-label": `${kpi.title}, ${Numbers.placeName(place)}, week of ${Format.week(week)}: ${text}. Open the records`,
    }, text);
    made.addEventListener("click", () => open(place, kpi, week, made));
    return made;
  }

  return { button };
})();
