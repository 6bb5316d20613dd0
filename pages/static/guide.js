// A guide's pages with script: copy the text, one tap sends a form once, her word survives a lost connection, and the
// messenger closes the page to show its 群发助手.
"use strict";

const copy = document.querySelector("[data-copy]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).innerText);
    copy.querySelector("span").textContent = copy.dataset.done;
  });
}

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    // after the event, so that the button's own name and value still travel
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
}

// What she said while there was no connection stays on the phone, under these names followed by her task, until we know it.
const SAID = "onetap.said.";
const SHARED = "onetap.share.";

function sayKept() { document.getElementById("kept").hidden = false; }

function remember(key, step) {
  try {
    if (step) { localStorage.setItem(key, step); } else { localStorage.removeItem(key); }
  } catch { /* a browser that keeps nothing: her own word is left */ }
}

async function acknowledge(address, key) {
  const body = new URLSearchParams({ csrf: document.body.dataset.csrf });
  const answer = await fetch(address, { method: "POST", body, redirect: "manual" });
  if (answer.status !== 204 && answer.status !== 404) { throw new Error(String(answer.status)); }
  remember(key, null);
}

async function resendKept() {
  let keys = [];
  try { keys = Object.keys(localStorage); } catch { return; }
  const waiting = keys.filter((key) => key.startsWith(SAID) || (key.startsWith(SHARED) && localStorage.getItem(key) === "shared"));
  if (!waiting.length) { return; }
  const address = (key) => "/g/tasks/" + key.slice(key.lastIndexOf(".") + 1) + "/shared";
  const known = await Promise.allSettled(waiting.map((key) => acknowledge(address(key), key)));
  if (known.some((one) => one.status === "rejected")) { sayKept(); } else { location.reload(); }
}

const underWay = new Set();
for (const form of document.querySelectorAll("form[data-said][data-key^='" + SAID + "']")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (underWay.has(form)) { return; }
    underWay.add(form);
    remember(form.dataset.key, "said");
    acknowledge(form.dataset.said, form.dataset.key).then(() => location.reload(), sayKept);
  });
}
window.addEventListener("online", resendKept);
resendKept();

// A finger that stays on a picture wants to keep or send it: by the time the menu opens it is the full one.
for (const picture of document.querySelectorAll("[data-full]")) {
  let waiting = 0;
  picture.addEventListener("touchstart", () => { waiting = setTimeout(() => { picture.src = picture.dataset.full; }, 200); }, { passive: true });
  for (const end of ["touchend", "touchmove", "touchcancel"]) picture.addEventListener(end, () => clearTimeout(waiting), { passive: true });
}

const messenger = window.ww;
const inside = /wxwork/i.test(navigator.userAgent);

async function signature(url) {
  const answer = await fetch("/g/js-config?url=" + encodeURIComponent(url));
  return answer.json();
}

function register(signed) {
  messenger.register({
    corpId: signed.corpid, agentId: signed.agentid, jsApiList: signed.jsApiList,
    getAgentConfigSignature: async () => ({ timestamp: signed.timestamp, nonceStr: signed.nonceStr, signature: signed.signature }),
  });
}

async function closeFor(form) {
  await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
  register(await signature(location.href.split("#")[0]));
  await messenger.closeWindow();
}

const go = document.querySelector("form[data-go]");
if (go && messenger && inside) {
  go.addEventListener("submit", (event) => {
    event.preventDefault();
    closeFor(go).catch(() => HTMLFormElement.prototype.submit.call(go));
  });
}
