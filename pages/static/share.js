// Sharing from the task page: the messenger's compose view lies over it, and her acknowledgement survives a lost connection.
"use strict";

const share = document.querySelector("form[data-share]");
const told = document.getElementById("told");
let registered = false;

function say(word) {
  told.textContent = told.dataset[word];
  told.hidden = false;
}

// "begun" from the moment in which the compose view opens, "shared" once it says so, nothing once we know it
function kept() {
  try { return localStorage.getItem(share.dataset.key); } catch { return null; }
}

function keep(step) { remember(share.dataset.key, step); }

async function acknowledged() {
  await acknowledge(share.dataset.said, share.dataset.key);
  location.reload();
}

async function handed() {
  const answer = await fetch(share.dataset.share);
  const what = await answer.json();
  if (!answer.ok) { throw { errMsg: "fail", words: what.words }; }
  return what;
}

function refusal(failure) {
  const words = String((failure && failure.errMsg) || failure);
  if (/:?cancel/i.test(words) || (failure && failure.errCode === 1)) { return "cancelled"; }
  if (/permission/i.test(words)) { return "forbidden"; }
  if (/not.?support|not.?exist|not a function|undefined/i.test(words)) { return "unsupported"; }
  return "failed";
}

async function hand() {
  const what = await handed();
  if (!registered) { register(await signature(location.href.split("#")[0])); registered = true; }
  keep("begun");
  await messenger[what.call](what.argument);
  keep("shared");
}

function again() {
  const button = share.querySelector("button");
  share.dataset.asked = "1";
  button.textContent = share.dataset.again;
  say("doubt");
}

if (share) {
  if (!messenger || !(inside || "demo" in share.dataset)) {
    say("unsupported");
  } else {
    share.addEventListener("submit", (event) => {
      event.preventDefault();
      if (kept() && !share.dataset.asked) {
        again();
        setTimeout(() => { share.querySelector("button").disabled = false; }, 50);
        return;
      }
      hand().then(() => acknowledged().catch(() => { told.hidden = true; sayKept(); }), (failure) => {
        const word = refusal(failure);
        if (word !== "failed" || (failure && failure.words)) { keep(null); }
        say(word);
        if (failure && failure.words) { told.textContent = failure.words; }
      }).then(() => { document.querySelectorAll(".foot button").forEach((one) => { one.disabled = false; }); });
    });
    if (kept() === "begun") { say("doubt"); }
  }
}
