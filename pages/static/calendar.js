// The calendar: a plan is moved to another day by the pointer or by the arrow keys; either fills in the form below and sends it.
(function () {
  "use strict";
  const form = document.getElementById("move"), said = document.getElementById("move-said");
  if (!form || !said) return;
  const DAY = 86400000;
  let lifted = null;

  function utc(text) { return Date.parse(text + "T00:00:00Z"); }
  function text(moment) { return new Date(moment).toISOString().slice(0, 10); }
  function words(day) { return new Intl.DateTimeFormat(document.documentElement.lang, { month: "long", day: "numeric", weekday: "short", timeZone: "UTC" }).format(new Date(utc(day))); }
  function voids(number) {
    const option = form.elements.campaign.querySelector('option[value="' + number + '"]');
    return option && option.hasAttribute("data-voids");
  }
  function tell(sentence, day) {
    said.textContent = sentence.replace("{name}", lifted.bar.dataset.name).replace("{day}", words(day));
  }

  // Where a day lies on the page: the cell of its date.
  function cell(day) {
    const mark = document.querySelector('[data-calendar] time[datetime="' + day + '"]');
    return mark && mark.closest("li, [data-day]");
  }
  function unmark() {
    document.querySelectorAll(".landing").forEach(function (one) { one.classList.remove("landing"); });
  }
  function show() {
    unmark();
    const place = cell(lifted.day);
    if (place) place.classList.add("landing");
    tell(said.dataset.lifted + (voids(lifted.bar.dataset.move) ? " " + said.dataset.voids : ""), lifted.day);
  }
  function lift(bar) {
    if (lifted && lifted.bar === bar) return;
    cancel();
    lifted = { bar: bar, day: bar.dataset.starts };
    bar.classList.add("lifted-bar");
  }
  function letGo() {
    unmark();
    if (lifted) lifted.bar.classList.remove("lifted-bar");
    lifted = null;
  }
  function cancel() {
    if (!lifted) return;
    tell(said.dataset.cancelled, lifted.bar.dataset.starts);
    letGo();
  }
  function drop() {
    const bar = lifted.bar, day = lifted.day;
    if (day === bar.dataset.starts) return cancel();
    form.elements.campaign.value = bar.dataset.move;
    form.elements.to.value = day;
    letGo();
    form.requestSubmit();
  }
  function step(days) { lifted.day = text(utc(lifted.day) + days * DAY); show(); }

  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  document.addEventListener("keydown", function (event) {
    const bar = event.target.closest && event.target.closest("[data-move]");
    if (!bar || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in STEPS) { event.preventDefault(); lift(bar); step(STEPS[event.key]); }
    else if (lifted && event.key === "Enter") { event.preventDefault(); drop(); }
    else if (lifted && event.key === "Escape") { event.preventDefault(); cancel(); }
  });
  document.addEventListener("focusout", function (event) {
    if (lifted && !lifted.pointer && event.target === lifted.bar) cancel();
  });

  // The day below the pointer: which column of which week.
  function dayAt(x, y) {
    const under = document.elementsFromPoint(x, y).find(function (one) { return one.closest("[data-monday]"); });
    const week = under && under.closest("[data-monday]"), days = week && week.querySelector(".dates, .in, .day-cells");
    if (!days) return "";
    const box = days.getBoundingClientRect(), column = Math.floor(7 * (x - box.left) / box.width);
    return column < 0 || column > 6 ? "" : text(utc(week.dataset.monday) + column * DAY);
  }
  let start = null, dragged = false;
  document.addEventListener("pointerdown", function (event) {
    const bar = event.target.closest && event.target.closest("[data-move]");
    if (bar && event.button === 0 && event.pointerType !== "touch") start = { bar: bar, x: event.clientX, y: event.clientY, at: dayAt(event.clientX, event.clientY) };
  });
  document.addEventListener("pointermove", function (event) {
    if (!start || (!dragged && Math.abs(event.clientX - start.x) + Math.abs(event.clientY - start.y) < 6)) return;
    dragged = true;
    lift(start.bar);
    lifted.pointer = true;
    const over = dayAt(event.clientX, event.clientY);
    if (!over || !start.at) return;
    const day = text(utc(start.bar.dataset.starts) + utc(over) - utc(start.at));  // she holds it by any of its days
    if (day !== lifted.day) { lifted.day = day; show(); }
  });
  document.addEventListener("pointerup", function () {
    if (dragged && lifted) drop();
    start = null;
  });
  document.addEventListener("pointercancel", function () { start = null; dragged = false; cancel(); });
  document.addEventListener("dragstart", function (event) {
    if (event.target.closest && event.target.closest("[data-move]")) event.preventDefault();
  });
  document.addEventListener("click", function (event) {
    if (dragged && event.target.closest("[data-move]")) event.preventDefault();
    dragged = false;
  }, true);
})();
