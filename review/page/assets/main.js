// Picking a week and a region; the address keeps both, so that it can be sent or marked.
(() => {
  const weekPicker = document.getElementById("week-picker"), regionPicker = document.getElementById("region-picker");
  const earlier = document.getElementById("earlier"), later = document.getElementById("later");
  const wanted = new URLSearchParams(location.hash.slice(1));

  for (const week of [...Numbers.starts].reverse()) {
    weekPicker.append(make("option", { value: week }, Format.week(week) + (Numbers.isRunning(week) ? " (running)" : "")));
  }
  for (const { id, name } of Numbers.places) regionPicker.append(make("option", { value: id }, name));
  regionPicker.append(make("option", { value: "all" }, "All, one below the other"));

  const pick = (select, ...values) => {
    const value = values.find((each) => each && [...select.options].some((option) => option.value === each));
    if (value) select.value = value;
  };
  pick(weekPicker, wanted.get("week"), Numbers.lastFull, Numbers.starts.at(-1));
  pick(regionPicker, wanted.get("region"), "Company");

  function draw() {
    const week = weekPicker.value, region = regionPicker.value;
    Week.draw(week, region);
    Charts.highlight(region);
    earlier.disabled = weekPicker.selectedIndex === weekPicker.options.length - 1;
    later.disabled = weekPicker.selectedIndex === 0;
    try { // a file in some viewers has no address to change
      history.replaceState(null, "", `#${new URLSearchParams({ week, region })}`);
    } catch { /* the page works without */ }
  }
  const step = (by) => { weekPicker.selectedIndex += by; draw(); };

  weekPicker.addEventListener("change", draw);
  regionPicker.addEventListener("change", draw);
  earlier.addEventListener("click", () => step(1));
  later.addEventListener("click", () => step(-1));
  document.getElementById("print").addEventListener("click", () => print());
  document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());

  // Links within the page scroll; the address stays that of the week.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    target.scrollIntoView();
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
  });

  for (const details of document.querySelectorAll("details[data-kpi]")) {
    details.addEventListener("toggle", () => {
      const holder = details.querySelector(".scroll"), kpi = Numbers.kpi(details.dataset.kpi);
      if (!details.open || holder.firstChild) return;
      const { starts, places } = Numbers.monthly;
      holder.append(makeTable({}, [["Month", ""], ...Numbers.places.map(({ name }) => [name, "number"])],
        starts.map((month, n) => [Format.month(month), ...Numbers.places.map(({ id }) => Format.value(places[id][kpi.name][n], kpi.unit))]).reverse()));
    });
  }

  draw();
  Health.draw();
  for (const holder of document.querySelectorAll(".trend")) Charts.trend(holder, Numbers.kpi(holder.dataset.kpi));
  Charts.highlight(regionPicker.value);
  let waiting;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => Charts.resize(), 150); });
  addEventListener("beforeprint", () => Charts.resize({ width: 312, height: 118 }));
  addEventListener("afterprint", () => Charts.resize());
  document.documentElement.dataset.ready = "yes";
})();
