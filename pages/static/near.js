// Asks once where she stands, for five seconds at most; without an answer the list of cities is there already.
"use strict";
(() => {
  const form = document.getElementById("position"), said = document.getElementById("said");
  if (!form || !navigator.geolocation) return;
  const button = form.querySelector("button");
  const before = said.textContent;
  const denied = () => { said.textContent = form.dataset.denied; button.textContent = form.dataset.again; button.disabled = false; };
  const ask = () => {
    button.disabled = true;
    said.textContent = form.dataset.asking;
    navigator.geolocation.getCurrentPosition((found) => {
      form.latitude.value = found.coords.latitude;
      form.longitude.value = found.coords.longitude;
      form.submit();
    }, denied, { timeout: 5000, maximumAge: 60000 });
  };
  button.addEventListener("click", ask);
  form.hidden = false;
  addEventListener("pageshow", (event) => { if (event.persisted) { said.textContent = before; button.disabled = false; } });
  if (form.dataset.asks) ask();
})();
