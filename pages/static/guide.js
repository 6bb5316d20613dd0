// The task page with script: copy the text, one tap sends a form once, and the messenger closes the page to show its 群发助手.
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
