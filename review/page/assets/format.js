// Numbers and days as they are written in the United States.
const Format = (() => {
  const formatter = (options) => new Intl.NumberFormat("en-US", options);
  const whole = formatter({ maximumFractionDigits: 0 });
  const dollars = formatter({ style: "currency", currency: "USD", maximumFractionDigits: 0 });
  const cents = formatter({ style: "currency", currency: "USD" });
  const short = formatter({ style: "currency", currency: "USD", notation: "compact", maximumFractionDigits: 1 });
  const one = formatter({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const day = (options) => new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options });
  const long = day({ month: "short", day: "numeric", year: "numeric" });
  const brief = day({ month: "short", day: "numeric" });
  const weekday = day({ weekday: "short", month: "short", day: "numeric", year: "numeric" });
  const month = day({ month: "short", year: "numeric" });
  const moment = day({ month: "short", day: "numeric", year: "numeric", hour: "numeric", minute: "2-digit" });
  const date = (iso) => new Date(`${iso}T00:00:00Z`);

  const NONE = "–"; // nothing to divide by, or no such week
  // A rounded zero has no sign.
  const plain = (format, value) => format.format(value).replace(/^-([$0.,%]*)$/, "$1");

  return {
    NONE,
    date,
    value(value, unit) {
      if (value === null || value === undefined) return NONE;
      if (unit === "dollars") return plain(dollars, value);
      return unit === "percent" ? `${plain(one, value)}%` : plain(whole, value);
    },
    axis(value, unit) {
      if (unit === "dollars") return short.format(value);
      return unit === "percent" ? `${value}%` : whole.format(value);
    },
    cents: (value) => plain(cents, value),
    count: (value) => whole.format(value),
    points: (value) => `${one.format(value)} pts`,
    percent: (value) => `${one.format(value)}%`,
    wholePercent: (value) => `${whole.format(value)}%`,
    day: (iso) => long.format(date(iso)),
    weekday: (iso) => weekday.format(date(iso)),
    month: (iso) => month.format(date(iso)),
    moment: (iso) => `${moment.format(new Date(iso))} UTC`,
    week(iso) {
      const first = date(iso), last = new Date(first.getTime() + 6 * 864e5);
      const sameYear = first.getUTCFullYear() === last.getUTCFullYear();
      if (sameYear && first.getUTCMonth() === last.getUTCMonth()) {
        return `${brief.format(first)} – ${last.getUTCDate()}, ${last.getUTCFullYear()}`;
      }
      return `${(sameYear ? brief : long).format(first)} – ${long.format(last)}`;
    },
  };
})();
