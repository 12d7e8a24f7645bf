
"use strict";
(() => {
  const every = 2000, patience = 2;
  const status = document.getElementById("page-status");
  let tag = "", failures = 0, since = "";
  const clock = () => new Date().toLocaleTimeString();

  function say(text, old) {
    if (status.textContent !== text) status.textContent = text;
    status.classList.toggle("old", old);
  }

  function take(text) {
    const next = new DOMParser().parseFromString(text, "text/html");
    const fresh = next.getElementById("page-main"), main = document.getElementById("page-main");
    if (!fresh) throw new Error("no page of ours");
    if (fresh.innerHTML === main.innerHTML) return false;
    const open = [...main.querySelectorAll("details[open]")].map((one) => one.id);
    const focused = document.activeElement;
    const place = focused && main.contains(focused) ? [...main.querySelectorAll("a, summary")].indexOf(focused) : -1;
    for (const id of open) fresh.querySelector("#" + CSS.escape(id))?.setAttribute("open", "");
    main.replaceChildren(...fresh.childNodes);
    document.title = next.title;
    if (place >= 0) main.querySelectorAll("a, summary")[place]?.focus({ preventScroll: true });
    return true;
  }

  async function look() {
    try {
      const answer = await fetch(location.pathname, {
        headers: tag ? { "If-None-Match": tag } : {},
        cache: "no-store",
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 200) {
        const is_new = take(await answer.text());
        tag = answer.headers.get("ETag") ?? "";
        if (is_new || failures >= patience) say(`Renewed at ${clock()}`, false);
      } else if (answer.status !== 304) {
        throw new Error(`status ${answer.status}`);
      } else if (failures >= patience) {
        say(`The server answers again since ${clock()}`, false);
      }
      failures = 0;
    } catch {
      since = failures ? since : clock();
      failures += 1;
      if (failures >= patience) {
        const at = document.getElementById("page-at").textContent;
        say(`The server does not answer since ${since}. All figures are old: those of ${at}.`, true);
      }
    }
    setTimeout(look, every);
  }

  say("Renews itself", false);
  setTimeout(look, every);
})();
