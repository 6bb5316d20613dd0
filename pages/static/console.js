// The console's own script: the form token for htmx, live parts that stay still until there is news, counters, ⌘K.
(function () {
  "use strict";
  const token = document.querySelector('meta[name="csrf"]').content;

  document.addEventListener("htmx:configRequest", function (event) {
    const part = event.detail.elt, headers = event.detail.headers;
    if (event.detail.verb !== "get") headers["X-CSRF"] = token;
    if (part.dataset.etag) headers["If-None-Match"] = part.dataset.etag;
  });

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

  // A row of a table is as clickable as its first link.
  document.addEventListener("click", function (event) {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, summary")) window.location = row.dataset.href;
  });

  document.addEventListener("keydown", function (event) {
    if ((event.metaKey || event.ctrlKey) && event.key === "k") {
      const box = document.querySelector("[data-jump]");
      if (box) { event.preventDefault(); box.focus(); }
    }
  });
})();
