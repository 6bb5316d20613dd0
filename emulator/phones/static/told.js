/* Tells the page below this frame how its call ended. */
"use strict";
(function () {
  var told = JSON.parse(document.currentScript.dataset.told);
  window.parent.postMessage({ jssdk: told }, new URL(told.page).origin);
})();
