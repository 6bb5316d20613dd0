/* A phone: asks every second whether there is news, keeps the place where one reads, and presses what is tapped. */
(function () {
  "use strict";
  var live = document.getElementById("live"), toast = document.getElementById("toast");
  var words = JSON.parse(live.dataset.words);
  var etag = '"' + live.dataset.live + '"', hiding = 0, asking = false;
  var chat = document.body.classList.contains("chat");

  function lines() { return live.querySelector(".lines, .tasks, .posts"); }
  function atEnd() { return live.scrollHeight - live.scrollTop - live.clientHeight < 90; }
  function toEnd() {
    if (!chat) { return; }
    if (document.body.matches(".mass-assistant, .feed")) { live.scrollTop = 0; return; }
    live.scrollTop = live.scrollHeight;
  }

  function say(words) {
    toast.textContent = words; toast.hidden = false;
    clearTimeout(hiding); hiding = setTimeout(function () { toast.hidden = true; }, 2600);
  }

  function address() {
    var url = new URL(location.href);
    url.hash = ""; url.searchParams.set("part", "1");
    return url;
  }

  function look() {
    if (asking || document.hidden) { return Promise.resolve(); }
    asking = true;
    return fetch(address(), { headers: { "If-None-Match": etag }, cache: "no-store" }).then(function (answer) {
      if (answer.status !== 200) { return null; }
      etag = answer.headers.get("ETag");
      return answer.text();
    }).then(function (text) {
      if (text === null) { return; }
      var end = atEnd(), before = live.scrollTop, more = lines() ? lines().children.length : 0;
      live.innerHTML = text;
      live.querySelectorAll("template").forEach(function (fresh) {
        var place = document.getElementById(fresh.dataset.for), menu = fresh.content.querySelector("details");
        if (menu && place.querySelector("details[open]")) { menu.open = true; }  // news does not close what one reads
        if (place.innerHTML !== fresh.innerHTML) { place.innerHTML = fresh.innerHTML; }
        fresh.remove();
      });
      if (end || (lines() && more && lines().children.length > more + 20)) { toEnd(); } else { live.scrollTop = before; }
    }).catch(function () { /* the next look may find it again */ }).then(function () { asking = false; });
  }

  /* `what` says where to post and what then: the button itself, or the form that it stands in. */
  function press(what, button, body) {
    button.disabled = true;
    return fetch(what.dataset.post, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body)
    }).then(function (answer) {
      return answer.json().catch(function () { return {}; }).then(function (told) {
        if (!answer.ok) { say(told.error || words.failed); return false; }
        if (told.already) { say(words.friends); }
        return told;
      });
    }, function () { say(words.away); return false; }).then(function (told) {
      button.disabled = false;
      if (told) { after(what, told); }
      if (document.body.classList.contains("still")) { return told; }
      return look().then(function () { return told; });
    });
  }

  /* What a form says; a photograph as the text that JSON can hold. */
  function read(data) {
    var body = {}, waits = [];
    data.forEach(function (value, name) {
      if (!(value instanceof File)) { if (value) { body[name] = value; } return; }
      if (!value.size) { return; }
      waits.push(new Promise(function (done) {
        var reader = new FileReader();
        reader.onload = function () { body[name] = reader.result; done(); };
        reader.readAsDataURL(value);
      }));
    });
    return Promise.all(waits).then(function () { return body; });
  }

  function after(element, told) {
    if (told.open) { location.href = told.open; return; }
    if (element.dataset.then === "reload") { location.reload(); }
    if (element.dataset.then === "tell" && window.parent !== window) {
      window.parent.postMessage({ jssdk: told }, new URL(told.page).origin);
    }
    if (element.dataset.then === "chat" && told.userid) {
      var url = new URL(location.href);
      url.hash = ""; url.searchParams.set("with", told.userid);
      if (url.href === location.href.split("#")[0]) { location.hash = "live"; location.reload(); } else { location.href = url.href; }
    }
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-post]");
    if (!button) { return; }
    event.preventDefault();
    if (button.closest("details")) { button.closest("details").open = false; }
    if (button.dataset.ask && !window.confirm(button.dataset.ask)) { return; }
    press(button, button, JSON.parse(button.dataset.body || "{}"));
  });
  document.addEventListener("submit", function (event) {
    var form = event.target.closest("form[data-post]");
    if (!form) { return; }
    event.preventDefault();
    read(new FormData(form)).then(function (body) {
      return press(form, form.querySelector("button"), body);
    }).then(function (told) { if (told) { form.reset(); } });
  });

  live.style.scrollBehavior = "auto";
  toEnd();
  window.addEventListener("load", toEnd);
  if (/[?&]q=/.test(location.search)) { return; }
  if (document.body.classList.contains("list") || document.body.classList.contains("still")) { return; }
  setInterval(look, 1000);
})();
