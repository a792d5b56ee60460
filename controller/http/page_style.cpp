// The style of the pages: one column on a telephone, cards and tables beside that. Light and dark.
#include "controller/http/page_parts.hpp"

namespace matriarch::controller {
namespace {

constexpr const char* sheet = R"css(
:root { color-scheme: light dark; --page: #f6f5f2; --card: #fff; --ink: #1d1d1b; --dim: #66645f;
  --line: #e2dfd8; --good: #17683a; --good-back: #e0f2e6; --bad: #b01e2e; --bad-back: #fbe4e4;
  --wait: #7a5200; --wait-back: #fbeecb; --link: #4b3fb5; }
@media (prefers-color-scheme: dark) {
  :root { --page: #161618; --card: #212124; --ink: #ececea; --dim: #a3a19b; --line: #37373c;
    --good: #7fd6a0; --good-back: #173a26; --bad: #ff9d9d; --bad-back: #4a1d22;
    --wait: #f0c76a; --wait-back: #453510; --link: #b3aaff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.4rem; display: flex; flex-wrap: wrap; gap: .3rem 1rem;
  align-items: baseline; }
header a, .mark { color: inherit; text-decoration: none; font-weight: 650;
  letter-spacing: -.01em; }
p[role=status] { margin: 0; white-space: normal; }
p[role=status][hidden] { display: none; }
footer { padding-top: 1rem; padding-bottom: 2rem; color: var(--dim); font-size: .875rem; }
a { color: var(--link); text-underline-offset: .18em; }
a:focus-visible, .wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px;
  border-radius: .3rem; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; margin: 1.2rem 0 .8rem;
  display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .8rem; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1.1rem; margin: 0; display: flex; justify-content: space-between; gap: 1rem; }
p { margin: .5rem 0; }
code { font: .875em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
time { white-space: nowrap; }
.dim { color: var(--dim); font-weight: 400; }
.was { text-decoration: line-through; color: var(--dim); }
.pill { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-size: .8125rem;
  font-weight: 600; line-height: 1.5; letter-spacing: 0; white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); }
.bad { color: var(--bad); background: var(--bad-back); }
.wait { color: var(--wait); background: var(--wait-back); }
.cards { display: grid; gap: 1rem; padding: 0; margin: 0; list-style: none;
  grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .8rem;
  padding: 1rem 1.15rem; min-width: 0; overflow-wrap: anywhere; }
.card a { font-weight: 650; }
dl { margin: .7rem 0 0; display: grid; gap: .2rem; }
dl.lines div { display: grid; grid-template-columns: 5rem 1fr; gap: .6rem; }
dt { color: var(--dim); font-size: .875rem; line-height: 1.7; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.facts { grid-template-columns: repeat(auto-fill, minmax(min(13rem, 100%), 1fr)); gap: 1rem; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: .8rem;
  padding: .75rem 1rem; }
.facts dd { font-weight: 600; }
meter { width: 100%; height: .7rem; }
.plot { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .8rem;
  padding: 1rem 1.15rem; }
.plot svg { display: block; overflow: visible; }
.plot text { fill: var(--dim); font-size: .875rem; }
.plot figcaption { color: var(--dim); font-size: .875rem; margin-top: .5rem; }
.plot .line, .plot .rule { fill: none; stroke: var(--line); stroke-width: 1.5; }
.plot .line { stroke: var(--link); stroke-width: 2.5;
  vector-effect: non-scaling-stroke; }
.plot .area { fill: var(--link); opacity: .12; }
.plot .made { fill: var(--link); } .plot .tried { fill: var(--good); }
.plot .all { fill: var(--line); } .plot .part { fill: var(--link); }
.plot .over { fill: var(--bad); } .plot .part, .plot .over { stroke: var(--card); }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: .8rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; vertical-align: top; padding: .55rem 1rem; }
th { font-weight: 600; color: var(--dim); font-size: .8125rem; white-space: nowrap; }
tbody tr { border-top: 1px solid var(--line); }
td { overflow-wrap: break-word; min-width: 5rem; max-width: 34rem; }
@media (max-width: 46rem) {
  h1 { font-size: 1.45rem; }
  .wide { background: none; border: 0; }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { background: var(--card); border: 1px solid var(--line); border-radius: .8rem;
    padding: .5rem 0; margin-bottom: .7rem; }
  td { overflow-wrap: anywhere; padding: .2rem 1rem; display: grid;
    grid-template-columns: 5.5rem 1fr; gap: .6rem; }
  td::before { content: attr(data-head); color: var(--dim); font-size: .8125rem;
    line-height: 1.7; }
  td:empty { display: none; } td .pill { justify-self: start; }
  .facts { grid-template-columns: 1fr 1fr; gap: .7rem; }
}
@media (prefers-contrast: more) { :root { --line: currentColor; --dim: var(--ink); } }
)css";

}  // namespace

const char* page_style() {
    return sheet;
}

}  // namespace matriarch::controller
