
// No ampersands and no less-than signs: the page is XML as well.
const form = document.querySelector("form");
const field = document.getElementById("search");
const said = document.querySelector("output");
const groups = Array.from(document.querySelectorAll("section"), (section) => ({
  section,
  details: section.querySelector("details"),
  isOpen: section.querySelector("details").open,
  head: Array.from(section.querySelectorAll("h3, .fix"), (it) => it.textContent).join(" ").toLowerCase(),
  rows: Array.from(section.querySelectorAll("tbody tr"), (row) => ({ row, text: row.textContent.toLowerCase() })),
}));
function search() {
  const wanted = field.value.trim().toLowerCase();
  let found = 0;
  for (const { section, details, isOpen, head, rows } of groups) {
    const all = head.includes(wanted);
    let shown = 0;
    for (const { row, text } of rows) {
      row.hidden = !(all || text.includes(wanted));
      shown += row.hidden ? 0 : 1;
    }
    section.hidden = shown === 0;
    details.open = wanted === "" ? isOpen : shown > 0;
    found += shown;
  }
  said.textContent = wanted === "" ? "" : found + " found";
}
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", search);
