// The order of assignment rules: a rule is dragged to another place, and the form below sends the order. Keys use its buttons.
(function () {
  "use strict";
  const list = document.getElementById("rule-order");
  if (!list) return;
  const form = list.closest("form");
  let lifted = null;

  list.addEventListener("dragstart", function (event) {
    lifted = event.target.closest("li[draggable]");
    if (!lifted) return;
    event.dataTransfer.effectAllowed = "move";
    lifted.classList.add("lifted");
  });
  list.addEventListener("dragover", function (event) {
    const over = event.target.closest("li[draggable]");
    if (!lifted || !over || over === lifted) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    over.parentNode.insertBefore(lifted, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
  });
  list.addEventListener("drop", function (event) { event.preventDefault(); });
  list.addEventListener("dragend", function () {
    if (!lifted) return;
    lifted.classList.remove("lifted");
    lifted = null;
    form.requestSubmit();
  });
})();
