// The one script of the pages. It is in the page itself, and the page's policy names its digest.
#include "controller/http/page_parts.hpp"

namespace matriarch::controller {
namespace {

// What did not change stays the same element: focus, selection, scrolling and a screen reader's
// place survive. A hidden page lets go of its stream: browsers allow six connections to a host.
// No text becomes markup here: the server has escaped it, and the parser runs no script.
constexpr const char* script = R"js(
"use strict";
let stream;
let isBusy = false;
let isStale = false;
function take(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeName !== now.nodeName || old.childNodes.length !== now.childNodes.length) {
    old.replaceWith(now);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    old.data = now.data;
    return;
  }
  for (const {name} of [...old.attributes]) if (!now.hasAttribute(name)) old.removeAttribute(name);
  for (const {name, value} of now.attributes) old.setAttribute(name, value);
  const next = [...now.childNodes];
  [...old.childNodes].forEach((child, at) => take(child, next[at]));
}
async function renew() {
  isStale = true;
  if (isBusy) return;
  isBusy = true;
  while (isStale) {
    isStale = false;
    try {
      const answer = await fetch(location.pathname, {cache: "no-store"});
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["header", "main", "footer"]) {
        take(document.querySelector(part), page.querySelector(part));
      }
    } catch {
      document.querySelector("[role=status]").hidden = false;
    }
  }
  isBusy = false;
}
function follow() {
  if (stream) stream.close();
  if (document.hidden) return;
  stream = new EventSource("/live");
  stream.onopen = stream.onmessage = renew;
  stream.onerror = () => {
    renew();
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 10000);
  };
}
document.addEventListener("visibilitychange", follow);
follow();
)js";

}  // namespace

const char* page_script() {
    return script;
}

}  // namespace matriarch::controller
