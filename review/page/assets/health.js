// How far the data can be trusted today.
const Health = (() => {
  const part = (id, title, words, table) =>
    make("article", { class: "part", id }, make("h3", {}, title), make("p", {}, words), table ? make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table) : null);
  const age = (hours) => (hours === null ? "never" : hours < 48 ? `${Format.count(hours)} h` : `${Format.count(hours / 24)} days`);

  function freshness({ freshness }) {
    const stale = freshness.filter((each) => each.stale);
    return part("freshness", "Freshness", stale.length
      ? `${stale.map(({ entity }) => entity).join(", ")}: too old, or never read. Run make daily and look at what it says.`
      : "Everything was read in time. Age is that at the moment this page was made.",
    makeTable({}, [["Entity", ""], ["Last read to its end", ""], ["Age", "number"], ["", ""]],
      freshness.map(({ entity, landedAt, hours, stale }) => [
        entity.replaceAll("_", " "), landedAt ? Format.moment(landedAt) : "never", age(hours),
        make("span", { class: stale ? "bad" : "good" }, stale ? "too old" : "fresh"),
      ])));
  }

  function unmapped({ unmapped }) {
    return part("unmapped", "Unmapped units and job types", unmapped.length
      ? "Their money counts, but units stand outside every region and job types are in no list. Add a row to the seed."
      : "Every business unit and job type has its row in the seeds.",
    unmapped.length > 0 && makeTable({}, [["Name", ""], ["Kind", ""], ["Jobs", "number"], ["Add it to", ""]],
      unmapped.map(({ kind, name, active, jobs }) => [
        name || "(without a name)", active === false ? `${kind}, retired` : kind, Format.count(jobs),
        make("code", {}, kind === "job type" ? "seeds/job_type_lists.csv" : "seeds/business_units.csv"),
      ])));
  }

  function restated({ restated, restatedCount }) {
    const more = restatedCount > restated.length ? ` The newest ${restated.length} of ${Format.count(restatedCount)} are here; all are in st_mart.kpi_restatements.` : "";
    return part("restated", "Restated values", restatedCount
      ? `${Format.count(restatedCount)} numbers of the last 13 weeks were shown otherwise by an earlier build.${more}`
      : "No number of the last 13 weeks has changed since it was shown.",
    restatedCount > 0 && makeTable({}, [["KPI", ""], ["Day", "day"], ["Business unit", ""], ["Was", "number"], ["Is", "number"], ["Records", "why"]],
      restated.map((row) => {
        const kpi = Numbers.kpi(row.kpi);
        return [kpi.title, Format.day(row.day), row.unit, Format.value(row.shown, kpi.unit), Format.value(row.now, kpi.unit), row.records ?? ""];
      })));
  }

  function tests({ tests, passed, skipped }) {
    const failed = tests.filter(({ status }) => status !== "warn").length;
    const count = passed + skipped + tests.length;
    const words = !count ? "The last build ran no tests."
      : `${Format.count(failed)} failed, ${Format.count(tests.length - failed)} warn, ${Format.count(passed)} passed`
        + (skipped ? `, ${Format.count(skipped)} were skipped behind a failure` : "") + ". What they found lies in the schema st_test_failures.";
    return part("tests", "Failed tests and warnings", words, tests.length > 0
      && makeTable({}, [["What the test looks at", ""], ["Found", "number"], ["", ""]],
        [...tests].sort((a, b) => a.status.localeCompare(b.status)).map(({ name, status, findings, says }) => [
          make("span", { title: name }, says || name), Format.count(findings),
          make("span", { class: status === "warn" ? "warn" : "bad" }, status === "warn" ? "warns" : "failed"),
        ])));
  }

  function draw() {
    const { health } = Numbers;
    const parts = [freshness, unmapped, restated, tests].map((each) => each(health));
    document.getElementById("health-parts").replaceChildren(...parts);
    const troubles = health.freshness.filter(({ stale }) => stale).length + health.tests.filter(({ status }) => status !== "warn").length;
    const mark = document.getElementById("health-mark");
    mark.textContent = troubles ? `(${troubles})` : "";
    mark.className = troubles ? "bad" : "";
    document.getElementById("subtitle").textContent =
      `Numbers up to ${Format.weekday(Numbers.asOf)}` + (health.builtAt ? `, built ${Format.moment(health.builtAt)}` : "");
    document.getElementById("footer").textContent =
      `Made ${Format.moment(Numbers.madeAt)} from st_mart by make review. The file holds all it shows and asks no network; it holds customers' names, so send it only to whom they concern.`;
  }

  return { draw };
})();
