// <amity-chart>: one look for every chart. It reads <script type="application/json"> inside it, or the table beside it:
// {x: [seconds or words], series: [{label, kind: "line"|"bar", tone, values}], expected: [low[], high[]],
//  unit, alarms: [{at, label}], percent: bool}. "Numbers" opens the table, which readers of the screen always have.
const LIBRARY = new URL("../../vendor/uplot/uPlot.iife.min.js", import.meta.url);
const DAY = 86_400;

let library;
function uPlotLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => resolve(window.uPlot);
    script.onerror = () => reject(new Error("the chart library did not load"));
    document.head.append(script);
  });
  return library;
}

class AmityChart extends HTMLElement {
  async connectedCallback() {
    this.plotBox = this.querySelector(".chart__plot");
    this.querySelector("[data-numbers-toggle]")?.addEventListener("click", (event) => {
      const isOpen = this.toggleAttribute("data-numbers");
      event.currentTarget.setAttribute("aria-pressed", String(isOpen));
    });
    document.addEventListener("amity:theme", this.redraw);
    this.uPlot = await uPlotLibrary();
    await document.fonts?.ready;
    if (!this.isConnected) return;
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(this.plotBox);
    this.redraw();
  }

  disconnectedCallback() {
    document.removeEventListener("amity:theme", this.redraw);
    this.sizes?.disconnect();
    this.plot?.destroy();
  }

  redraw = () => {
    if (!this.uPlot) return;
    this.plot?.destroy();
    this.spec = this.#read();
    this.ink = this.#colours();
    this.plot = new this.uPlot(this.#options(), this.#data(), this.plotBox);
    this.plot.root.setAttribute("aria-hidden", "true");
    this.#tip();
  };

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.plotBox;
    if (this.plot && width) this.plot.setSize({ width, height });
  }

  #read() {
    const source = this.querySelector(":scope script[type='application/json']");
    return source ? JSON.parse(source.textContent) : tableAsSpec(this.querySelector("table"));
  }

  // A canvas knows no variables: a hidden mark wears each colour once and is asked for it.
  #colours() {
    const probe = document.createElement("span");
    probe.hidden = true;
    this.append(probe);
    const ask = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const names = ["text", "text-2", "text-3", "line", "line-2", "select", "sunken", "control", "bad", "good", "accent", "surface"];
    const ink = Object.fromEntries(names.map((name) => [name, ask(name)]));
    probe.remove();
    return ink;
  }

  #tone(series) {
    return this.ink[{ ink: "text-2", now: "text", second: "control" }[series.tone] ?? series.tone] ?? this.ink["text-2"];
  }

  #data() {
    const { x, series, expected = [] } = this.spec;
    const positions = this.#isTime() ? x : x.map((_, index) => index);
    return [positions, ...expected, ...series.map((one) => one.values)];
  }

  #isTime() {
    return typeof this.spec.x[0] === "number";
  }

  #number(value, digits = 1) {
    if (value === null || value === undefined) return "–";
    const format = new Intl.NumberFormat(locale(), this.spec.percent ? { style: "percent", maximumFractionDigits: digits } : { maximumFractionDigits: digits });
    return format.format(value).replace("-", "−");
  }

  #options() {
    const { series, expected = [], alarms = [] } = this.spec;
    const { clientWidth: width, clientHeight: height } = this.plotBox;
    const isTime = this.#isTime();
    return {
      width: width || 300,
      height: height || 200,
      padding: [alarms.length ? 18 : 10, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6, fill: this.ink.text }, drag: { x: false, y: false } },
      scales: { x: { time: isTime, range: this.#xRange() }, y: { range: this.#yRange() } },
      axes: [this.#xAxis(isTime), this.#yAxis()],
      bands: expected.length ? [{ series: [2, 1], fill: this.ink.select }] : [],
      series: [
        {},
        ...expected.map(() => ({ stroke: "transparent", width: 0, points: { show: false } })),
        ...series.map((one) => this.#series(one)),
      ],
      hooks: { draw: [(plot) => this.#alarms(plot), (plot) => this.#present(plot)] },
    };
  }

  #series(one) {
    const stroke = this.#tone(one);
    if (one.kind === "bar") {
      const highs = this.spec.expected?.[1];
      const paths = this.uPlot.paths.bars({
        size: [0.72, 26],
        radius: 0.12,
        // Red only above what was expected, bar by bar.
        disp: highs && {
          fill: { unit: 3, values: (plot, index) => plot.data[index].map((value, at) => (value > highs[at] ? this.ink.bad : stroke)) },
          stroke: { unit: 3, values: (plot, index) => plot.data[index].map((value, at) => (value > highs[at] ? this.ink.bad : stroke)) },
        },
      });
      return { label: one.label, fill: stroke, stroke, width: 0, paths, points: { show: false } };
    }
    return { label: one.label, stroke, width: 1.75, points: { show: false }, dash: one.isTarget ? [2, 4] : undefined, spanGaps: false };
  }

  #xRange() {
    const hasBars = this.spec.series.some((one) => one.kind === "bar");
    return (_plot, low, high) => {
      const step = (high - low) / Math.max(1, this.spec.x.length - 1) || 1;
      return hasBars ? [low - step * 0.6, high + step * 0.6] : [low, high];
    };
  }

  #yRange() {
    return (_plot, low, high) => {
      const from = Math.min(0, low ?? 0);
      const to = Math.max(high ?? 1, from + (this.spec.percent ? 0.01 : 1));
      return [from < 0 ? from * 1.1 : 0, to * 1.08];
    };
  }

  #xAxis(isTime) {
    const language = locale();
    const spanDays = isTime ? (this.spec.x.at(-1) - this.spec.x[0]) / DAY : 0;
    const pattern = spanDays > 370 ? { month: "short", year: "numeric" } : spanDays > 3 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const format = new Intl.DateTimeFormat(language, pattern);
    return {
      stroke: this.ink["text-3"],
      font: tickFont(),
      size: 24,
      gap: 4,
      space: 72,
      grid: { show: false },
      ticks: { show: false },
      values: (_plot, splits) => splits.map((at) => (isTime ? format.format(at * 1_000) : this.spec.x[at] ?? "")),
    };
  }

  #yAxis() {
    return {
      stroke: this.ink["text-3"],
      font: tickFont(),
      size: 40,
      gap: 6,
      space: 34,
      grid: { stroke: this.ink.line, width: 1 },
      ticks: { show: false },
      values: (_plot, splits) => splits.map((value) => this.#number(value)),
    };
  }

  // An alarm is a line through the chart with a triangle on top.
  #alarms(plot) {
    const context = plot.ctx;
    const scale = devicePixelRatio;
    context.save();
    for (const alarm of this.spec.alarms ?? []) {
      const x = Math.round(plot.valToPos(alarm.at, "x", true));
      const { top, height } = plot.bbox;
      context.strokeStyle = context.fillStyle = this.ink.bad;
      context.lineWidth = 1.5 * scale;
      context.beginPath();
      context.moveTo(x, top - 4 * scale);
      context.lineTo(x, top + height);
      context.stroke();
      context.beginPath();
      context.moveTo(x, top - 14 * scale);
      context.lineTo(x + 6 * scale, top - 4 * scale);
      context.lineTo(x - 6 * scale, top - 4 * scale);
      context.fill();
    }
    context.restore();
  }

  // The present is a dot in full ink.
  #present(plot) {
    const offset = 1 + (this.spec.expected?.length ?? 0);
    this.spec.series.forEach((one, index) => {
      const last = one.values.length - 1;
      if (one.kind === "bar" || one.isTarget || last < 0 || one.values[last] === null) return;
      const x = plot.valToPos(plot.data[0][last], "x", true);
      const y = plot.valToPos(plot.data[index + offset][last], "y", true);
      plot.ctx.save();
      plot.ctx.fillStyle = this.ink.text;
      plot.ctx.beginPath();
      plot.ctx.arc(x, y, 3 * devicePixelRatio, 0, 7);
      plot.ctx.fill();
      plot.ctx.restore();
    });
  }

  #tip() {
    const tip = document.createElement("div");
    tip.className = "chart__tip";
    tip.hidden = true;
    this.plotBox.querySelector(".chart__tip")?.remove();
    this.plotBox.append(tip);
    const { over } = this.plot;
    over.addEventListener("pointerleave", () => (tip.hidden = true));
    over.addEventListener("pointermove", () => {
      const at = this.plot.cursor.idx;
      if (at === null || at === undefined) return (tip.hidden = true);
      tip.replaceChildren(strong(this.#xWords(at)), ...this.spec.series.map((one) => line(`${one.label} ${this.#number(one.values[at], 2)}`)));
      if (this.spec.expected) tip.append(line(`${this.getAttribute("expected-word") ?? ""} ${this.#number(this.spec.expected[0][at])} – ${this.#number(this.spec.expected[1][at])}`));
      tip.hidden = false;
      const x = this.plot.cursor.left + over.offsetLeft;
      tip.style.top = "8px";
      tip.style.left = `${x + tip.offsetWidth + 16 > this.plotBox.clientWidth ? x - tip.offsetWidth - 10 : x + 10}px`;
    });
  }

  #xWords(at) {
    if (!this.#isTime()) return String(this.spec.x[at]);
    const step = (this.spec.x[1] ?? 0) - this.spec.x[0];
    return new Intl.DateTimeFormat(locale(), step < DAY ? { dateStyle: "medium", timeStyle: "short" } : { weekday: "short", day: "numeric", month: "short" }).format(this.spec.x[at] * 1_000);
  }
}

const locale = () => (document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang);
const tickFont = () => '500 11px "Inter Variable", sans-serif';

function strong(text) {
  const made = document.createElement("b");
  made.textContent = text;
  return made;
}

function line(text) {
  const made = document.createElement("div");
  made.textContent = text;
  return made;
}

// A table with a word in the first column and figures (data-value) in the others is a chart of lines.
function tableAsSpec(table) {
  const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows];
  const value = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value ?? cell.textContent));
  return {
    x: rows.map((row) => (row.cells[0].dataset.value ? Number(row.cells[0].dataset.value) : row.cells[0].textContent.trim())),
    series: heads.map((label, index) => ({ label, kind: table.dataset.kind ?? "line", values: rows.map((row) => value(row.cells[index + 1])) })),
  };
}

customElements.define("amity-chart", AmityChart);
