// The console's own script: the form token for htmx, live parts that stay still until there is news, counters, ⌘K.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  const token = document.querySelector('meta[name="csrf"]').content;

  document.addEventListener("htmx:configRequest", function (event) {
    const part = event.detail.elt, headers = event.detail.headers;
    if (event.detail.verb !== "get") headers["X-CSRF"] = token;
    if (part.dataset.etag) headers["If-None-Match"] = part.dataset.etag;
  });

  // What was just done is said once: a page that is loaded again does not say it again.
  const address = new URL(window.location.href);
  if (address.searchParams.has("done")) {
    address.searchParams.delete("done");
    history.replaceState(history.state, "", address);
  }

  // A live part says when it was last up to date, and says so when it is not.
  function tell(part, words) {
    const place = document.querySelector(part.dataset.tell || "[data-live-time]");
    if (place && place.textContent !== words) place.textContent = words;
  }
  document.addEventListener("htmx:afterRequest", function (event) {
    const part = event.detail.elt, answer = event.detail.xhr;
    if (!part.dataset || !part.dataset.live) return;
    const fresh = answer && (answer.status === 200 || answer.status === 304);
    if (fresh) {
      (document.getElementById(part.id) || part).dataset.etag = answer.getResponseHeader("ETag") || "";
      part.dataset.since = answer.getResponseHeader("X-Now") || part.dataset.since;
      tell(part, part.dataset.live.replace("{t}", part.dataset.since));
    } else {
      tell(part, part.dataset.stale.replace("{t}", part.dataset.since));
    }
  });

  // A plain form is sent once: the second click of a double click does nothing.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.dataset.sent || form.hasAttribute("hx-post")) return event.target.dataset.sent && event.preventDefault();
    if (form.method !== "post") return;
    form.dataset.sent = "1";
    window.addEventListener("pageshow", function () { delete form.dataset.sent; }, { once: true });
  });

  // Whose session runs out while she writes goes on writing: saving signs in again and brings the text back.
  let written = false;
  document.addEventListener("input", function (event) {
    if (event.target.form && event.target.form.method === "post") written = true;
  });
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    if (event.detail.xhr.status !== 401 || !written) return;
    event.preventDefault();
    document.getElementById("run-out").hidden = false;
  });

  // What she had written when her session ran out goes back into its form, also what the fresh form has no field for.
  const kept = document.querySelector("[data-kept]");
  const wanted = kept && JSON.parse(kept.dataset.kept);
  const forms = kept ? Array.from(document.querySelectorAll('form[method="post"]')) : [];
  function fitting(form) { return wanted.fields.filter(function (pair) { return form.elements[pair[0]]; }).length; }
  const target = forms.find(function (form) { return form.getAttribute("action") === wanted.action; })
    || forms.sort(function (one, other) { return fitting(other) - fitting(one); })[0];
  if (target) {
    const values = {}, attachments = target.querySelector("#attachments");
    wanted.fields.forEach(function (pair) { (values[pair[0]] = values[pair[0]] || []).push(pair[1]); });
    Array.from(target.elements).forEach(function (part) {
      const given = values[part.name];
      if (part.type === "checkbox" || part.type === "radio") part.checked = Boolean(given) && given.includes(part.value);
      else if (given && part.name !== "csrf" && part.type !== "file" && part.tagName !== "BUTTON") part.value = given[0];
    });
    Object.keys(values).concat("kept").forEach(function (name) {
      (values[name] || ["1"]).forEach(function (value) {
        const there = Array.from(target.elements).some(function (part) {
          return part.name === name && part.tagName !== "BUTTON" && (part.value === value || !/^(checkbox|radio)$/.test(part.type));
        });
        if (there || name === "do") return;
        const field = document.createElement("input");
        field.type = "hidden"; field.name = name; field.value = value;
        (attachments && name.startsWith("attachments.") ? attachments : target).append(field);
      });
    });
    window.addEventListener("load", function () {
      const rows = attachments && attachments.querySelector("[name^='attachments.']");
      if (rows) htmx.ajax("POST", attachments.dataset.again, { source: target, target: "#attachments", swap: "outerHTML" });
      else target.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // A file that is too large is said before it travels; the form and its text stay as they are.
  document.addEventListener("change", function (event) {
    const input = event.target;
    if (!input.dataset || !input.dataset.most) return;
    const said = (input.closest("[data-slot]") || document).querySelector("[data-too-big]");
    const size = input.files.length ? input.files[0].size : 0;
    const fits = size <= Number(input.dataset.most);
    said.hidden = fits;
    said.className = "fault";
    if (fits) return;
    said.textContent = input.dataset.words.replace("{n}", (Math.ceil(size / 104857.6) / 10).toFixed(1));
    input.value = "";
    event.stopImmediatePropagation();
  }, true);

  // A row of a table is as clickable as its first link.
  document.addEventListener("click", function (event) {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, summary")) window.location = row.dataset.href;
  });

  // A list is narrowed as soon as something else is chosen; without script its button does it.
  document.addEventListener("change", function (event) {
    if (event.target.matches("form.finding select")) event.target.form.requestSubmit();
  });

  // Chips that put a name into the text; people found by search stay when they are chosen.
  document.addEventListener("click", function (event) {
    const chip = event.target.closest("[data-insert]");
    if (chip) {
      const box = document.getElementById(chip.dataset.into);
      box.setRangeText(chip.dataset.insert, box.selectionStart, box.selectionEnd, "end");
      box.focus();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const next = event.target.closest("[data-sample]");
    if (next) {
      event.preventDefault();
      document.querySelector("#sample [name=sample]").value = document.querySelector("#sample [name=" + next.value + "]").value;
      document.body.dispatchEvent(new Event("sample"));
    }
  });
  document.addEventListener("change", function (event) {
    if (!event.target.matches("[data-keep]") || !event.target.checked) return;
    document.getElementById("people-chosen").append(event.target.closest("label"));
    const find = document.getElementById("f-find");
    find.value = "";
    document.getElementById("people-found").replaceChildren();
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (!event.detail.elt.matches("#attachments, [data-slot]")) return;
    event.detail.elt.closest("form").dispatchEvent(new Event("change"));
  });

  document.addEventListener("keydown", function (event) {
    if ((event.metaKey || event.ctrlKey) && event.key === "k") {
      const box = document.querySelector("[data-jump]");
      if (box) { event.preventDefault(); box.focus(); }
    }
  });
})();
