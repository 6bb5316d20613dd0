/* Plays the demo: posts one step after the other, looks at what came of it, and draws the timeline. */
(function () {
  "use strict";
  var $ = function (id) { return document.getElementById(id); };
  var csrf = document.querySelector("meta[name=csrf]").content;
  var say = JSON.parse(document.body.dataset.words);
  var dashes = Array.from($("dashes").children), total = dashes.length;
  var state = null, playing = false, turn = 0, looked = 0, acting = 0, frames = {}, shownStep = 0;
  var LOOK = [2500, 3500, 4500, 3000, 3000, 5000, 3500, 4000, 4000, 4000, 3000, 3500, 4500, 4000, 5000];
  var AGAIN = { 5: 1300, 9: 1300, 11: 1000, 15: 2500 };

  function sleep(ms) { return new Promise(function (done) { setTimeout(done, ms); }); }
  function speed() { return parseFloat($("speed").value) || 1; }
  /* Pauses are for reading: before a step its words, after it what came of it. A slow machine does not shorten them. */
  function pause(ms) { return sleep(ms / speed()); }

  // ---- talking to the server

  function ask(path, options) {
    return fetch(path, Object.assign({ cache: "no-store", credentials: "same-origin" }, options || {}));
  }

  function press(path, body) {
    return ask(path, { method: "POST", headers: { "X-CSRF": csrf, "Content-Type": "application/json" }, body: JSON.stringify(body || {}) })
      .then(function (answer) {
        return answer.json().then(function (told) { if (told.done) { take(told); } return { ok: answer.ok, told: told }; });
      })
      .catch(function () { return { ok: false, told: {}, lost: true }; });
  }

  function look() {
    return ask("/demo/state.json").then(function (answer) { return answer.ok ? answer.json() : Promise.reject(); })
      .then(take, function () { lost(); return null; });
  }

  function lost() { note(say.lost, true); }

  // ---- what the page shows

  function take(told) {
    var back = state && state.pid !== told.pid;
    state = told;
    if (!looked && !acting) { show(Math.min(told.step, total), ""); }
    if (back) { note(say.back, false); }
    dashes.forEach(function (dash, index) { dash.classList.toggle("done", told.done[index]); });
    Object.keys(told.switches).forEach(function (name) { var it = $("s-" + name); if (it && !it.disabled) { it.checked = told.switches[name]; } });
    $("proof").textContent = told.proof.words;
    $("proof").classList.toggle("agree", told.proof.agree);
    $("who").textContent = told.customer;
    $("where").textContent = told.group.split(" · ")[0];
    $("open-hq").href = told.campaign;
    frame("customer", told.phones.customer);
    frame("group", told.phones.group);
    if (back) { $("s-kill").checked = false; $("s-kill").disabled = false; }
    return told;
  }

  function frame(name, url) {
    if (!url || frames[name] === url) { return; }
    var first = !(name in frames), it = $("f-" + name);
    frames[name] = url;
    if (!first || it.getAttribute("src") !== url) { it.src = url; }
  }

  var wasOver = false;
  function show(step, words) {
    var dash = dashes[step - 1];
    dashes.forEach(function (one) { one.classList.toggle("here", one === dash); });
    document.querySelectorAll("[data-actor].acting").forEach(function (one) { one.classList.remove("acting"); });
    var over = state && state.step > total && !looked && !acting;
    if (over !== wasOver) { wasOver = over; $("after").hidden = !over; }
    if (!over) {
      document.querySelectorAll("main [data-actor='" + dash.dataset.actor + "']").forEach(function (one) { one.classList.add("acting"); });
    }
    $("count").textContent = over ? say.over : say.step.replace("{n}", step).replace("{total}", total);
    $("title").textContent = over ? say.yours : dash.dataset.title;
    note(over ? say.open : words || dash.dataset.about, false);
    shownStep = step;
  }

  function note(words, warn) {
    $("about").textContent = words;
    document.querySelector(".now").classList.toggle("warn", !!warn);
  }

  // ---- HQ's panel

  var hqTag = "", figures = {};
  function hq() {
    return ask("/demo/hq", { headers: hqTag ? { "If-None-Match": hqTag } : {} }).then(function (answer) {
      if (answer.status !== 200) { return null; }
      hqTag = answer.headers.get("ETag") || "";
      return answer.text();
    }).then(function (html) {
      if (html !== null) { $("hq").innerHTML = html; }
      fresh();
    }).catch(function () {});
  }

  function fresh() {
    document.querySelectorAll("[data-figure]").forEach(function (one) {
      var name = one.dataset.figure, value = parseInt(one.dataset.value, 10), before = figures[name];
      if (!before || value < before.value) { before = figures[name] = { value: value, more: 0, at: 0 }; }
      if (value > before.value) { before.more = value - before.value; before.value = value; before.at = Date.now(); }
      document.querySelector("[data-fresh='" + name + "']").textContent =
        before.more && Date.now() - before.at < 12000 ? say.just.replace("{n}", before.more.toLocaleString("en")) : "";
    });
  }

  // ---- playing

  function setPlaying(on) {
    playing = on; turn += 1; looked = 0; acting = 0;
    $("play").classList.toggle("on", on);
    $("play").querySelector("span").textContent = on ? $("play").dataset.pause : $("play").dataset.play;
    if (on) { run(turn); }
  }

  async function run(mine) {
    while (playing && mine === turn) {
      var told = await look();
      if (!told) { await sleep(700); continue; }
      if (told.step > total) { setPlaying(false); show(total); return; }
      await oneStep(told.step, function () { return playing && mine === turn; });
    }
  }

  async function oneStep(step, still) {
    acting = step;
    show(step);
    if (step === 13) { handover(); }  // she reads her list before she says yes, and sees afterwards that she did
    await pause(parseFloat(dashes[step - 1].dataset.reading) * 1000);
    if (!still()) { return; }
    tap(step);
    var answer = await press("/demo/step/" + step), asked = Date.now();
    if (step === 13) { handover(); }
    while (still()) {
      if (state && state.done[step - 1] && (step < total || state.proof.agree || Date.now() - asked > 15000)) { break; }
      if (answer.told.words && !answer.ok) { note(answer.told.words, true); }
      if (answer.told.words && answer.ok) { note(answer.told.words, false); }
      await sleep(500);
      if (!(state && state.done[step - 1]) && Date.now() - asked > (AGAIN[step] || 3500)) { answer = await press("/demo/step/" + step); asked = Date.now(); } else { await look(); }
    }
    await pause(LOOK[step - 1]);
    if (still()) { acting = 0; }
  }

  function tap(step) {
    if (step === 3 && state && state.phones.task) { $("f-guide").src = state.phones.task; }
    if (step === 6 || step === 1) { home(); }
  }
  function handover() {
    if (!state || !state.phones.handover) { return; }
    $("f-guide").src = state.phones.handover;
    $("holder").textContent = state.manager;
  }
  function home() { var it = $("f-guide"); $("holder").textContent = $("holder").dataset.home; if (frames.away !== state.run + ":" + shownStep) { it.src = it.dataset.home; } frames.away = state.run + ":" + shownStep; }

  // ---- the timeline

  var PPS = 108, LANES = { in: 0, decided: 56, out: 112 }, chosen = "", followed = true, last = "", offset = 0;
  function timeline() {
    if (document.hidden) { return Promise.resolve(); }
    return ask("/demo/timeline.json").then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (told) { if (told) { openNewest(told.items); draw(told); } }).catch(function () {});
  }

  function width(label) {
    var px = 23;
    for (var i = 0; i < label.length; i += 1) { px += label.charCodeAt(i) > 255 ? 12.8 : 7.8; }
    return px;
  }

  function merged(items) {
    var groups = [];
    items.forEach(function (item) {
      var before = groups.filter(function (one) { return one.lane === item.lane && one.label === item.label && one.state === item.state; }).pop();
      if (before && !item.key && (item.at - before.at) * PPS < width(before.label + " ×000") + 40) {
        before.many += 1; before.end = Math.max(before.end, item.end); return;
      }
      groups.push(Object.assign({ many: 1 }, item));
    });
    return groups;
  }

  function draw(told) {
    offset = told.offset;
    var band = $("band"), strip = $("strip"), items = told.items;
    var first = items.length ? items[0].at : told.now, newest = items.reduce(function (most, one) { return Math.max(most, one.end); }, first);
    var from = Math.floor(first) - 1, head = Math.min(told.now, newest + 4), to = Math.max(head + 1, from + strip.clientWidth / PPS);
    var stamp = JSON.stringify([items, Math.round(head * 2), chosen]);
    if (stamp === last) { return; }
    last = stamp;
    var made = document.createDocumentFragment(), x = function (at) { return (at - from) * PPS; };
    [56, 112, 168].forEach(function (y) { made.append(block("rule", { top: y })); });
    for (var second = from; second <= to; second += 1) {
      var mark = block("second", { left: x(second) });
      mark.dataset.at = label(second, second === from);
      made.append(mark);
    }
    var free = { in: [0, 0], decided: [0, 0], out: [0, 0] }, place = {};
    merged(items).forEach(function (item) { chip(made, item, x(item.at), free[item.lane], place); });
    made.append(block("playhead", { left: x(head) }));
    band.style.width = (to - from) * PPS + "px";
    band.replaceChildren(made);
    if (followed) { strip.scrollLeft = x(head) - strip.clientWidth + 90; }
  }

  function label(second, whole) {
    var at = new Date((second + offset) * 1000), two = function (n) { return String(n).padStart(2, "0"); }, seconds = at.getUTCSeconds();
    return whole || seconds % 10 === 0 ? two(at.getUTCHours()) + ":" + two(at.getUTCMinutes()) + ":" + two(seconds) : two(seconds);
  }

  function block(name, at) {
    var it = document.createElement("div");
    it.className = name;
    Object.keys(at).forEach(function (side) { it.style[side] = at[side] + "px"; });
    return it;
  }

  function chip(made, item, left, free, place) {
    var words = item.label + (item.many > 1 ? " ×" + item.many : ""), px = width(words);
    var row = free[0] <= left ? 0 : free[1] <= left ? 1 : free[0] <= free[1] ? 0 : 1;
    var at = Math.max(left, free[row]);
    if (at - left > 160) { return; }
    var top = LANES[item.lane] + 3 + row * 26;
    var it = document.createElement("button");
    it.type = "button"; it.textContent = words; it.dataset.id = item.id;
    it.className = "chip " + item.lane + (item.key ? " key" : "") + ({ unknown: " warn", not_sent: " bad", failed: " bad", parked: " bad" }[item.state] || "");
    it.setAttribute("aria-pressed", String(item.id === chosen));
    it.style.left = at + "px"; it.style.top = top + "px"; it.style.minWidth = px - 4 + "px";
    made.append(it);
    free[row] = at + px + 5;
    place[item.id] = { left: at, top: top };
    for (var copy = 1; copy < Math.min(item.copies, 3) && item.many === 1; copy += 1) {
      var ghost = block("chip ghost", { left: free[row], top: top, width: px });
      ghost.textContent = item.label; ghost.title = say.copy;
      made.append(ghost);
      free[row] += px + 5;
    }
    var cause = place[item.of];
    if (cause && at >= cause.left) {
      made.append(block("thread" + (item.key ? " key" : ""), { left: at + 14, top: cause.top + 24, height: Math.max(0, top - cause.top - 24) }));
    }
  }

  function open(id) {
    chosen = id; last = "";
    ask("/demo/timeline/" + id + ".json").then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (it) {
      if (!it) { return; }
      $("d-title").textContent = it.title; $("d-at").textContent = it.at;
      $("d-state").textContent = it.state; $("d-state").className = it.tone; $("d-more").textContent = it.more;
      $("d-code").textContent = it.code; $("d-link").href = it.href; $("d-link").hidden = !it.href;
    }).catch(function () {});
    timeline();
  }

  var opened = 0;
  function openNewest(items) {
    var key = items.filter(function (one) { return one.key && one.lane === "in"; }).pop();
    if (key && key.id !== opened) { opened = key.id; open(key.id); }
  }

  // ---- hands

  $("play").addEventListener("click", function () {
    if (!playing && state && state.step > total) { again(); } else { setPlaying(!playing); }
  });
  $("next").addEventListener("click", function () {
    if (playing) { setPlaying(false); }
    looked = 0;
    if (!state || state.step > total) { return; }
    var mine = turn;
    $("next").disabled = true;
    oneStep(state.step, function () { return mine === turn; }).then(function () { $("next").disabled = false; return look(); });
  });
  $("back").addEventListener("click", function () {
    if (playing) { setPlaying(false); }
    looked = Math.max(1, (looked || shownStep) - 1);
    show(looked);
  });
  /* A new run, which plays: also when the one before was over, was paused or was looked back on. */
  function again() {
    setPlaying(false);
    $("restart").disabled = true; figures = {}; last = "";
    return press("/demo/restart").then(function (answer) {
      $("restart").disabled = false;
      if (!answer.ok) { note(answer.told.words || say.silent, true); }
      $("f-guide").src = $("f-guide").dataset.home;
      $("f-mass-assistant").src = $("f-mass-assistant").getAttribute("src");
      hq();
      if (answer.ok) { setPlaying(true); }
    });
  }
  $("restart").addEventListener("click", again);
  $("once-more").addEventListener("click", again);
  $("show-timeline").addEventListener("click", function () { $("after").hidden = true; });
  document.addEventListener("change", function (event) {
    var name = event.target.dataset.switch;
    if (!name) { return; }
    event.target.disabled = true;
    press("/demo/break/" + name, { on: event.target.checked }).then(function (answer) {
      if (name === "kill") { lost(); setTimeout(function () { event.target.disabled = false; event.target.checked = false; }, 8000); return; }
      event.target.disabled = false;
      if (name === "away") { $("f-guide").src = $("f-guide").dataset.home; $("f-mass-assistant").src = $("f-mass-assistant").getAttribute("src"); }
      if (!answer.ok) { event.target.checked = !event.target.checked; note(answer.told.words || say.failed, true); }
    });
  });
  $("band").addEventListener("click", function (event) {
    var one = event.target.closest("button");
    if (one) { open(one.dataset.id); }
  });
  $("strip").addEventListener("wheel", function () { followed = false; }, { passive: true });
  $("strip").addEventListener("pointerdown", function () { followed = false; });
  $("strip").addEventListener("scroll", function () {
    if ($("strip").scrollLeft + $("strip").clientWidth >= $("band").clientWidth - 40) { followed = true; }
  });

  setInterval(function () { if (!playing && !document.hidden) { look(); } }, 1500);
  setInterval(hq, 1200);
  setInterval(timeline, 1000);
  history.replaceState(null, "", location.pathname + location.search.replace(/\b(signed|lang=\w+)&?/g, "").replace(/^\?$/, ""));
  look().then(function (told) {
    hq(); timeline();
    if (told && told.step <= total && !/[?&]hold\b/.test(location.search)) { setPlaying(true); }
  });
})();
