"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SPARE = 8;
  let height = 30;  // of a row; measured as soon as there is one
  const byId = (id) => document.getElementById(id);
  const scroller = byId("scroller"), table = byId("matrix"), head = table.tHead, body = table.tBodies[0];
  const all = {verdict: data.verdicts, tier: data.tiers, artifact: data.artifacts};
  const chosen = {verdict: new Set(), tier: new Set(), artifact: new Set()};
  let text = "", rows = [], columns = [], active = [0, 0], open = "", strangers = [];

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const caseName = (row) => row[1] || data.scenarios[row[0]][0].split("/").pop();
  const cellName = (row, column) => `${data.scenarios[row[0]][0]}::${caseName(row)}@${data.artifacts[column]}`;
  const verdictOf = (row, column) => { const code = row[2][column]; return code === "." ? "" : data.verdicts[code]; };
  const detailOf = (row, column) => data.details[`${row[4]}:${column}`] || {};
  const wanted = (name, value) => chosen[name].size === 0 || chosen[name].has(value);

  // What the text filter looks at, made when it is first needed.
  const texts = [];
  const textOf = (row) => {
    if (texts[row[4]] === undefined) {
      const parts = [data.scenarios[row[0]][0], caseName(row), data.scenarios[row[0]][2]];
      for (let column = 0; column < data.artifacts.length; column++) {
        const detail = detailOf(row, column);
        parts.push(detail.reason || "", ...(detail.findings || []).flatMap((finding) => [finding.step, finding.message]));
      }
      texts[row[4]] = parts.join("\n").toLowerCase();
    }
    return texts[row[4]];
  };

  function select() {
    columns = data.artifacts.map((_, column) => column).filter((column) => wanted("artifact", data.artifacts[column]));
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    rows = data.rows.filter((row) =>
      wanted("tier", data.tiers[data.scenarios[row[0]][1]]) &&
      columns.some((column) => row[2][column] !== "." && wanted("verdict", verdictOf(row, column))) &&
      words.every((word) => textOf(row).includes(word)));
    active = [Math.min(active[0], Math.max(rows.length - 1, 0)), Math.min(active[1], Math.max(columns.length - 1, 0))];
    drawHead();
    draw();
    count();
  }

  function count() {
    const counts = new Map();
    for (const row of rows) for (const column of columns) {
      const verdict = verdictOf(row, column);
      if (verdict && wanted("verdict", verdict)) counts.set(verdict, (counts.get(verdict) || 0) + 1);
    }
    const parts = data.verdicts.filter((verdict) => counts.has(verdict)).map((verdict) => `${counts.get(verdict)} ${data.titles[verdict]}`);
    const unknown = strangers.length ? ` Not known here: ${strangers.join(", ")}.` : "";
    byId("status").textContent = `${rows.length} of ${data.rows.length} cases${parts.length ? ": " + parts.join(", ") : ""}.${unknown}`;
  }

  function drawHead() {
    const line = element("tr", {"aria-rowindex": 1}, element("th", {scope: "col", role: "columnheader"}, "scenario :: case"));
    for (const column of columns) line.append(element("th", {scope: "col", role: "columnheader", title: data.artifacts[column]}, data.artifacts[column]));
    head.replaceChildren(line);
    table.setAttribute("aria-rowcount", rows.length + 1);
    table.setAttribute("aria-colcount", columns.length + 1);
  }

  function space(pixels) {
    const cell = element("td", {colspan: columns.length + 1});
    cell.style.height = `${pixels}px`;
    return element("tr", {class: "space", "aria-hidden": "true"}, cell);
  }

  function draw(focus = false) {
    const had = focus || body.contains(document.activeElement);
    const visible = Math.ceil((scroller.clientHeight || 600) / height);
    const top = Math.floor(scroller.scrollTop / height);
    const from = Math.max(0, Math.min(top - SPARE, rows.length - visible)), to = Math.min(rows.length, top + visible + SPARE);
    // The keyboard needs a way into the table wherever it has been scrolled to.
    if (active[0] < from || active[0] >= to) active[0] = Math.min(Math.max(top, 0), Math.max(rows.length - 1, 0));
    const lines = [space(from * height)];
    for (let index = from; index < to; index++) lines.push(drawRow(rows[index], index));
    lines.push(space((rows.length - to) * height));
    body.replaceChildren(...lines);
    const real = lines.length > 2 ? lines[1].offsetHeight : 0;
    if (real && real !== height) { height = real; return draw(had); }
    if (had) body.querySelector('[tabindex="0"]')?.focus({preventScroll: true});
  }

  function drawRow(row, index) {
    const [scenario] = data.scenarios[row[0]];
    const title = element("th", {scope: "row", role: "rowheader", title: `${scenario} :: ${caseName(row)}`},
      `${scenario} `, element("span", {class: "case"}, `:: ${caseName(row)}`));
    const line = element("tr", {"aria-rowindex": index + 2}, title);
    columns.forEach((column, place) => {
      const verdict = verdictOf(row, column), name = cellName(row, column);
      const cell = element("td", {role: "gridcell", "aria-colindex": place + 2, "data-cell": name, class: verdict || "absent",
        tabindex: index === active[0] && place === active[1] ? 0 : -1, "aria-selected": String(name === open)}, verdict ? data.titles[verdict] : "not run");
      if (!verdict || !wanted("verdict", verdict)) cell.classList.add("dim");
      cell.addEventListener("click", () => { active = [index, place]; show(row, column, true); draw(true); });
      line.append(cell);
    });
    return line;
  }

  function move(index, place) {
    active = [Math.min(Math.max(index, 0), rows.length - 1), Math.min(Math.max(place, 0), columns.length - 1)];
    const top = active[0] * height, room = scroller.clientHeight - 2 * height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
    draw(true);
  }

  body.addEventListener("keydown", (event) => {
    const [index, place] = active, page = Math.max(1, Math.floor(scroller.clientHeight / height) - 2);
    const whole = event.ctrlKey || event.metaKey;
    const steps = {
      ArrowDown: [index + 1, place], ArrowUp: [index - 1, place], ArrowLeft: [index, place - 1], ArrowRight: [index, place + 1],
      PageDown: [index + page, place], PageUp: [index - page, place],
      Home: [whole ? 0 : index, 0], End: [whole ? rows.length - 1 : index, columns.length - 1],
    };
    if (event.key in steps) move(...steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") { show(rows[index], columns[place], true); draw(); byId("detail").focus(); }
    else return;
    event.preventDefault();
  });
  byId("detail").addEventListener("keydown", (event) => { if (event.key === "Escape") draw(true); });

  function command(line) {
    const block = element("div", {class: "block"}, element("pre", {class: "command"}, element("code", {}, line)));
    if (navigator.clipboard) {
      const copy = element("button", {type: "button"}, "Copy");
      copy.addEventListener("click", () => navigator.clipboard.writeText(line).then(() => { copy.textContent = "Copied"; }, () => { copy.textContent = "Not allowed"; }));
      block.append(copy);
    }
    return block;
  }

  function show(row, column, remember) {
    const verdict = verdictOf(row, column), detail = detailOf(row, column), [scenario, tier, level] = data.scenarios[row[0]];
    open = cellName(row, column);
    const facts = element("dl");
    const fact = (name, ...value) => facts.append(element("dt", {}, name), element("dd", {}, ...value));
    fact("verdict", element("strong", {class: verdict}, verdict ? data.titles[verdict] : "not run"));
    fact("artifact", data.artifacts[column]);
    fact("tier, level", `${data.tiers[tier]}, ${level}`);
    if (verdict) fact("took", `${row[3][column]} ms`);
    const parts = [element("h2", {id: "detail-title"}, `${scenario} :: ${caseName(row)}`), facts];
    if (detail.reason) parts.push(element("h3", {}, "Reason"), element("p", {class: "message"}, detail.reason));
    for (const finding of detail.findings || []) {
      parts.push(element("h3", {}, `Step ${finding.step}`), element("div", {class: "where"}, `${finding.at}${finding.check ? " · " + finding.check : ""}`),
        element("p", {class: "message"}, finding.message || finding.aspect));
      if (finding.diff.length) {
        const kinds = {"-": "minus", "+": "plus"};
        parts.push(element("pre", {class: "diff"}, ...finding.diff.map((line) => element("span", {class: kinds[line[0]] || "same"}, line || " "))));
      }
    }
    if (detail.kept) {
      parts.push(element("h3", {}, "Kept, below the folder of the run"), element("ul", {class: "kept"}, ...detail.kept.map((path) => element("li", {}, element("code", {}, path)))));
    }
    const node = `${data.tree}/${scenario}.toml::${caseName(row)}`;
    const quoted = /^[\w@%+=:,./-]+$/.test(node) ? node : `'${node.replaceAll("'", `'"'"'`)}'`;
    parts.push(element("h3", {}, "Reproduce"), command(`${data.replay} ${quoted} --artifact=${data.artifacts[column]} --keep`));
    byId("detail").replaceChildren(...parts);
    if (remember) store();
  }

  // The address holds the view, so that it can be sent to somebody.
  function store() {
    const state = new URLSearchParams();
    for (const name of Object.keys(all)) if (chosen[name].size) state.set(name, all[name].filter((value) => chosen[name].has(value)).join(","));
    if (text) state.set("text", text);
    if (open) state.set("cell", open);
    history.replaceState(null, "", `#${state}`);
  }

  function restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    strangers = [];
    for (const name of Object.keys(all)) {
      const values = (state.get(name) || "").split(",").filter(Boolean);
      chosen[name] = new Set(values.filter((value) => all[name].includes(value)));
      strangers.push(...values.filter((value) => !all[name].includes(value)).map((value) => `${name} ${value}`));
      for (const box of byId(name).querySelectorAll("input")) box.checked = chosen[name].has(box.value);
    }
    text = byId("text").value = state.get("text") || "";
    select();
    const name = state.get("cell");
    if (name) {
      const row = data.rows.find((candidate) => name.startsWith(`${data.scenarios[candidate[0]][0]}::${caseName(candidate)}@`));
      const column = data.artifacts.indexOf(name.slice(name.lastIndexOf("@") + 1));
      if (row && column >= 0) {
        show(row, column, false);
        if (rows.includes(row)) { active = [rows.indexOf(row), Math.max(columns.indexOf(column), 0)]; scroller.scrollTop = active[0] * height; }
        draw();
      }
    }
  }

  for (const name of Object.keys(all)) {
    for (const value of all[name]) {
      const box = element("input", {type: "checkbox", value});
      box.addEventListener("change", () => { if (box.checked) chosen[name].add(value); else chosen[name].delete(value); strangers = []; select(); store(); });
      byId(name).append(element("label", {}, box, ` ${name === "verdict" ? data.titles[value] : value}`));
    }
  }
  byId("text").addEventListener("input", () => { text = byId("text").value.trim(); select(); store(); });
  byId("reset").addEventListener("click", () => { open = ""; history.replaceState(null, "", "#"); restore(); });
  let waiting = false;
  scroller.addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); } });
  addEventListener("resize", () => draw());
  addEventListener("hashchange", restore);
  restore();
})();
