"""The weekly review as a branch manager has it: in a real browser."""

import base64
import re
import shlex
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from review.__main__ import main
from review.page.kpis import KPIS, NAMES
from tests.review.page import chromium
from tests.review.page.conftest import HOSTILE, WEEK

pytestmark = chromium.needed

OLD = "2025-06-16"
LAST_YEAR = "2024-12-23"
RUNNING = "2025-12-29"
BUTTONS = """
    return [...document.querySelectorAll(arguments[0])].map(each =>
        [each.dataset.place, each.dataset.week, each.dataset.kpi, each.textContent])
"""


def written(value, unit: str) -> str:
    """A number as the page has to write it."""
    if value is None:
        return "–"
    cents = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    if unit == "percent":
        return f"{Decimal(value).quantize(Decimal('0.1'), ROUND_HALF_UP):,}%"
    whole = cents.quantize(Decimal(1), ROUND_HALF_UP)
    sign = "-" if whole < 0 else ""
    return f"{sign}${abs(whole):,}" if unit == "dollars" else f"{whole:,}"


def marts(rows, week: str) -> dict[tuple[str, str], object]:
    """Place and KPI -> value of the weekly marts."""
    names = ", ".join(NAMES)
    found = rows(
        f"select region, {names} from st_mart.weekly_kpis_region where event_date = ? union all "
        f"select 'Company', {names} from st_mart.weekly_kpis_company where event_date = ?",
        week,
        week,
    )
    return {
        (place, name): value
        for place, *values in found
        for name, value in zip(NAMES, values, strict=True)
    }


def before(week: str, weeks: int) -> str:
    return str(date.fromisoformat(week) - timedelta(weeks=weeks))


def records(browser, place: str, kpi: str, week: str, where: str = "#matrix"):
    """Open the records behind a number."""
    browser.execute_script("document.getElementById('records').close()")
    selector = f'{where} .open[data-place="{place}"][data-kpi="{kpi}"][data-week="{week}"]'
    found = browser.find_elements(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].click()", found[0])
    return WebDriverWait(browser, 10).until(
        lambda _: browser.find_element(By.CSS_SELECTOR, "#records .sum, #records .explain")
    )


def cells(browser, heading: str) -> list[str]:
    return browser.execute_script(
        "return [...document.querySelectorAll('#records tbody td')]"
        ".filter(cell => cell.dataset.label === arguments[0]).map(cell => cell.textContent)",
        heading,
    )


def dollars(text: str) -> Decimal:
    return Decimal(re.sub(r"[$,]", "", text))


@pytest.mark.parametrize("week", [WEEK, "2025-10-06", OLD, RUNNING])
def test_every_number_is_that_of_the_weekly_marts(built, browser, rows, week):
    browser.open(built.page, week=week, region="all")
    units = {kpi.name: kpi.unit for kpi in KPIS}
    for selector, shown_weeks in (
        ("#matrix .open", {week}),
        ("#cards .open", {week, before(week, 1), before(week, 52)}),
    ):
        shown = {
            (place, of_week, kpi): text
            for place, of_week, kpi, text in browser.execute_script(BUTTONS, selector)
        }
        expected = {
            (place, of_week, kpi): written(value, units[kpi])
            for of_week in shown_weeks
            for (place, kpi), value in marts(rows, of_week).items()
            if value is not None and (place, "lead_count") in marts(rows, week)
        }
        assert shown == expected
        assert len(shown) >= 60


def test_the_page_begins_with_the_last_full_week_of_the_company(built, browser, rows):
    browser.open(built.page)
    heading = browser.find_element(By.ID, "week-heading").text
    assert heading == "Company: week of Dec 22 – 28, 2025"
    assert not browser.find_element(By.ID, "week-note").is_displayed()
    large = browser.find_elements(By.CSS_SELECTOR, "#cards .open.large")
    assert [each.get_attribute("data-week") for each in large] == [WEEK] * len(KPIS)


def test_picking_a_week_and_a_region_changes_the_numbers(built, browser, rows):
    browser.open(built.page)
    booked = '#cards .open.large[data-kpi="total_booked"]'
    seen = []
    for region, week in (("Company", WEEK), ("PHX", WEEK), ("PHX", "2025-12-15"), ("TUC", OLD)):
        browser.pick("region-picker", region)
        browser.pick("week-picker", week)
        text = browser.find_element(By.CSS_SELECTOR, booked).text
        assert text == written(marts(rows, week)[region, "total_booked"], "dollars")
        assert f"week={week}&region={region}" in browser.current_url
        seen.append((text, browser.find_element(By.ID, "week-heading").text))
    assert len({text for text, _ in seen}) == len(seen)
    assert seen[-1][1] == "Tucson: week of Jun 16 – 22, 2025"


def test_the_steps_beside_the_week_go_a_week_back_and_on(built, browser):
    browser.open(built.page)
    for button, week in (("earlier", "Dec 15 – 21, 2025"), ("later", "Dec 22 – 28, 2025")):
        browser.find_element(By.ID, button).click()
        assert browser.find_element(By.ID, "week-heading").text == f"Company: week of {week}"
    browser.find_element(By.ID, "later").click()
    assert "still running" in browser.find_element(By.ID, "week-note").text
    assert not browser.find_element(By.ID, "later").is_enabled()


@pytest.mark.parametrize("week", [WEEK, before(WEEK, 12), LAST_YEAR, RUNNING])
@pytest.mark.parametrize("place", ["Company", "PHX", "(no region)"])
def test_the_records_behind_each_number_add_up_to_it(built, browser, rows, week, place):
    browser.open(built.page, week=week, region=place)
    opened = 0
    for kpi in KPIS:
        value = marts(rows, week).get((place, kpi.name))
        if value is None:
            continue
        said = records(browser, place, kpi.name, week)
        assert float(said.get_attribute("data-value")) == pytest.approx(float(value), abs=0.005)
        if more := browser.find_elements(By.CSS_SELECTOR, "#records-body > button"):
            more[0].click()
        amounts = [[dollars(text) for text in cells(browser, part)] for part in kpi.parts]
        jobs = len(browser.find_elements(By.CSS_SELECTOR, "#records tbody tr"))
        if kpi.adds_up == "ratio":
            ours = 100 * sum(amounts[0]) / sum(amounts[1])
        elif kpi.adds_up == "distinct":
            names = {name.casefold() for name in cells(browser, "Customer")}
            ours = len(names) if jobs else 0
        else:
            ours = jobs if kpi.unit == "count" else sum(amounts[0])
        # An amount of more than two decimals is shown to the cent.
        assert float(ours) == pytest.approx(float(value), abs=0.006), kpi.name
        opened += bool(jobs)
    least = {"Company": 10, "PHX": 9, "(no region)": 0}
    assert opened >= least[place]


def test_each_record_says_what_it_is(built, browser, rows):
    browser.open(built.page)
    records(browser, "PHX", "total_booked", WEEK)
    expected = rows(
        "select job_number, customer_name, business_unit, numerator, why_it_counts "
        "from st_mart.kpi_records where kpi = 'total_booked' and business_unit = 'Phoenix-Sales' "
        "and first_day between '2025-12-22' and '2025-12-28'"
    )
    shown = zip(
        [each.text for each in browser.find_elements(By.CSS_SELECTOR, "#records tbody th")],
        *(cells(browser, name) for name in ("Customer", "Business unit", "Amount")),
        cells(browser, "Why it counts"),
        strict=True,
    )
    found = sorted((job, name, unit, dollars(sum), why) for job, name, unit, sum, why in shown)
    assert found == sorted(expected)


@pytest.mark.parametrize("place", ["Company", "NEV"])
def test_an_older_number_shows_the_line_that_explains_it(built, browser, rows, capsys, place):
    browser.open(built.page, week=OLD, region=place)
    for kpi in ("total_booked", "gpm_percent", "outstanding_ar", "lead_count"):
        line = records(browser, place, kpi, OLD).text
        assert not browser.find_elements(By.CSS_SELECTOR, "#records table")
        words = shlex.split(line)
        assert words[:2] == ["make", "explain"]
        given = [word.partition("=") for word in words[2:]]
        command = [part for name, _, value in given for part in (f"--{name.lower()}", value)]
        assert main(["explain", *command, "--warehouse", str(built.warehouse)]) == 0
        value = marts(rows, OLD)[place, kpi]
        assert (
            f"{value:,.2f}"
            if kpi != "lead_count"
            else f"{kpi}: {value}" in (capsys.readouterr().out)
        )


def test_targets_and_pace_are_those_of_the_mart(built, browser, rows):
    browser.open(built.page, region="PHX")
    texts = [each.text for each in browser.find_elements(By.CSS_SELECTOR, "#cards td.month")]
    targets = {
        kpi: rest
        for kpi, *rest in rows(
            "select kpi, target, month_to_date, expected, working_days_gone, working_days "
            "from st_mart.kpi_targets where member = 'PHX' and event_date = ?",
            WEEK,
        )
    }
    assert set(targets) == set(NAMES) - {"future_bookings", "outstanding_ar"}
    for kpi, text in zip(KPIS, texts, strict=True):
        if kpi.name not in targets:
            assert text == "no target"
            continue
        target, reached, expected, gone, days = targets[kpi.name]
        assert written(target, kpi.unit) in text
        assert written(reached, kpi.unit) in text
        if kpi.adds_up != "ratio":
            assert f"{gone} of {days} working days gone" in text
            assert f"{100 * reached / expected:.0f}% of pace" in text


def test_badges_say_how_a_number_stands_beside_the_report(planted, browser):
    def badges(region, week=WEEK):
        browser.open(planted.page, region=region, week=week)
        found = browser.find_elements(By.CSS_SELECTOR, "#cards .badge")
        return dict(zip(NAMES, [each.text[2:] for each in found], strict=True))

    company = badges("Company")
    assert company["total_booked"] == "off"
    assert "Off the report: Total booked." in browser.find_element(By.ID, "glance").text
    assert company["lead_count"] == "exact"
    assert company["outstanding_ar"] == "not reported"
    phoenix = badges("PHX")
    assert phoenix["lead_count"] == "near"
    assert phoenix["dollars_collected"] == "near"  # the worst of two units
    assert phoenix["dollars_produced"] == "exact"
    assert badges("TUC")["lead_count"] == "exact"
    assert set(badges("Company", "2025-12-15").values()) == {"not reported"}
    assert badges("Company", RUNNING)["outstanding_ar"] == "exact"


def test_data_health_names_what_is_wrong(planted, browser):
    browser.open(planted.page)
    text = {name: browser.find_element(By.ID, name).text for name in ("freshness", "tests")}
    text |= {name: browser.find_element(By.ID, name).text for name in ("unmapped", "restated")}
    assert "jobs, payments: too old, or never read" in text["freshness"]
    assert re.search(r"payments never never too old", text["freshness"])
    assert "Yuma Startup" in text["unmapped"]
    assert "job type, retired" in text["unmapped"]
    assert "Dec 22, 2025 Phoenix-Sales $1,000 $900 job 17 left" in text["restated"]
    assert re.search(r"1 failed, \d+ warn, \d+ passed, 7 were skipped", text["tests"])
    assert "Sums <b>differ</b>. 4 failed" in text["tests"]
    assert browser.find_element(By.ID, "health-mark").text == "(3)"


def test_each_kpi_has_its_definition_and_trend(built, browser, rows):
    browser.open(built.page)
    for kpi in KPIS:
        section = browser.find_element(By.ID, f"kpi-{kpi.name}")
        assert len(section.find_element(By.CLASS_NAME, "definition").text) > 80
        assert section.find_elements(By.CSS_SELECTOR, ".trend canvas")
    legend = browser.execute_script(
        "return [...document.querySelectorAll('#kpi-total_booked .u-series')]"
        ".map(row => [...row.children].map(cell => cell.textContent).join(' '))"
    )
    ((booked,),) = rows(
        "select total_booked from st_mart.monthly_kpis_region "
        "where region = 'PHX' and event_date = '2025-12-01'"
    )
    assert f"Phoenix {written(booked, 'dollars')}" in legend
    details = browser.find_element(By.CSS_SELECTOR, "#kpi-total_booked details")
    browser.execute_script("arguments[0].open = true", details)
    months = WebDriverWait(browser, 5).until(
        lambda _: details.find_elements(By.CSS_SELECTOR, "tbody tr")
    )
    assert len(months) == len(rows("select * from st_mart.monthly_kpis_company"))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".spark canvas")) == len(KPIS)


def test_a_name_stays_text(planted, browser):
    browser.open(planted.page)
    records(browser, "Company", "total_booked", WEEK)
    assert HOSTILE in cells(browser, "Customer")
    assert not browser.find_elements(By.TAG_NAME, "img")
    assert browser.title == "Weekly business review"
    unmapped = "return document.getElementById('unmapped').textContent"
    assert HOSTILE in browser.execute_script(unmapped)
    assert browser.complaints() == []


def test_nothing_is_asked_of_the_network_and_nothing_complained_of(built, browser):
    browser.requests(), browser.complaints()
    browser.open(built.page, region="all")
    records(browser, "Company", "outstanding_ar", WEEK)
    browser.pick("region-picker", "PHX")
    asked = {url for url in browser.requests() if not url.startswith("data:")}
    assert {url.partition("#")[0] for url in asked} - {"about:blank"} == {built.page.as_uri()}
    assert browser.complaints() == []


@pytest.mark.parametrize("region", ["Company", "all"])
def test_a_phone_shows_it_without_overflow(planted, browser, region):
    browser.size(390, 844)
    try:
        browser.open(planted.page, region=region)
        width = "return document.documentElement.scrollWidth"
        assert browser.execute_script(width) == 390
        for kpi in ("total_booked", "gpm_percent", "outstanding_ar"):
            records(browser, "Company", kpi, WEEK)
            inside = "const it = document.getElementById('records');"
            assert browser.execute_script(f"{inside} return it.scrollWidth - it.clientWidth") == 0
        browser.execute_script("document.getElementById('records').close()")
        browser.pick("week-picker", OLD)
        records(browser, "Company", "total_booked", OLD)
        assert browser.execute_script(width) == 390
    finally:
        browser.size(1280, 900)


def test_the_keyboard_is_enough(built, browser):
    browser.open(built.page)

    def press(*keys):
        ActionChains(browser).send_keys(*keys).perform()

    def focused(what):
        return browser.execute_script(f"return document.activeElement.{what}")

    for _ in range(40):
        press(Keys.TAB)
        if focused("dataset.kpi") == "total_booked":
            break
    assert focused("dataset.week") == WEEK
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert browser.execute_script(outline) == "solid"
    dialog = browser.find_element(By.ID, "records")
    press(Keys.ENTER)
    WebDriverWait(browser, 5).until(lambda _: dialog.is_displayed())
    press(Keys.TAB, Keys.TAB, Keys.TAB)
    assert browser.execute_script(
        "return document.getElementById('records').contains(document.activeElement)"
        " || document.activeElement === document.body"
    )
    press(Keys.ESCAPE)
    WebDriverWait(browser, 5).until(lambda _: not dialog.is_displayed())
    assert focused("dataset.kpi") == "total_booked"
    browser.execute_script("document.getElementById('week-picker').focus()")
    press(Keys.ARROW_DOWN)
    assert "Dec 15 – 21" in browser.find_element(By.ID, "week-heading").text


CONTRAST = """
    const channel = (value) => {
        value /= 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const parts = (color) => color.match(/[\\d.]+/g).map(Number);
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const color = parts(getComputedStyle(each).backgroundColor);
            if (color.length < 4 || color[3] > 0) return color;
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
        const texts = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!texts || !element.checkVisibility() || element.disabled) continue;
        const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        found.push([ratio, element.tagName + "." + element.className + ": " + element.textContent]);
    }
    return found.sort((a, b) => a[0] - b[0]);
"""


def test_every_text_has_the_contrast_of_aa(planted, browser):
    browser.open(planted.page, region="all")
    records(browser, "Company", "total_booked", WEEK)
    found = browser.execute_script(CONTRAST)
    assert len(found) > 300
    assert [text for ratio, text in found if ratio < 4.5] == []


def test_numbers_stand_right_and_below_each_other(built, browser):
    browser.open(built.page)
    records(browser, "Company", "total_booked", WEEK)
    for selector in ("#records td.number", "#matrix td.number", "#cards td.now"):
        style = browser.execute_script(
            "const style = getComputedStyle(document.querySelector(arguments[0]));"
            "return [style.textAlign, style.fontVariantNumeric]",
            selector,
        )
        assert style == ["right", "tabular-nums"], selector


def test_paper_is_a4_landscape(built, browser):
    browser.open(built.page, region="all")
    printed = browser.execute_cdp_cmd(
        "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True}
    )
    pages = re.findall(rb"/MediaBox\s*\[([^]]+)\]", base64.b64decode(printed["data"]))
    assert {tuple(round(float(side)) for side in page.split()) for page in pages} <= {
        (0, 0, 842, 595),
        (0, 0, 842, 596),
    }
    assert 6 <= len(pages) <= 14  # the week per place, all regions, the KPIs, the health


def test_a_browser_that_cannot_unpack_says_so(built, browser):
    browser.open(built.page)
    browser.execute_script("delete globalThis.DecompressionStream")
    said = records(browser, "Company", "total_booked", WEEK)
    assert said.text == f'make explain KPI=total_booked WEEK={WEEK} UNIT="Company"'
