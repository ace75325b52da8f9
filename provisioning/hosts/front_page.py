"""One page for a workshop on several hosts: an attendee types the name on the card and is at the right login.

The page is whole in itself, and holds no name and no code: a seat's name is looked up by its hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from html import escape

from provisioning.hosts.seats import Seat

DIGITS = 16  # of the hash: names are few, and nobody is harmed where two clash


def lookup(workshop: str, name: str) -> str:
    """Under what a seat's name stands in the page; its script computes the same."""
    return hashlib.sha256(f"{workshop}:{name}".encode()).hexdigest()[:DIGITS]


def html_of(workshop: str, seats: Iterable[Seat], urls: Mapping[str, str]) -> str:
    """The page. `urls` says where the hub of each host is."""
    hosts = list(urls)
    seated = {lookup(workshop, seat.name): hosts.index(seat.host) for seat in seats}
    data = {"workshop": workshop, "hosts": [urls[host] for host in hosts], "seats": dict(sorted(seated.items()))}
    links = "".join(f'<li><a href="{escape(urls[host])}">{escape(host)}</a></li>' for host in hosts)
    text = json.dumps(data).replace("<", "\\u003c")  # nothing in it ends the script
    return PAGE.replace("{{workshop}}", escape(workshop)).replace("{{links}}", links).replace("{{data}}", text)


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{workshop}}: find your seat</title>
<style>
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5d6b7a; --page: #f6f7f9; --card: #fff; --line: #cfd6de;
  --go: #1d5fa8; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #93a1b0; --page: #12171d; --card: #1a2129;
  --line: #35414e; --go: #3b82d0; --bad: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--page);
  color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 27rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem;
  padding: 2rem; }
h1 { margin: 0 0 .2rem; font-size: 1.5rem; } p { margin: 0 0 1.3rem; color: var(--soft); }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
input { width: 100%; font: inherit; padding: .65rem .8rem; border: 1px solid var(--line); border-radius: .45rem;
  background: var(--page); color: inherit; }
button { width: 100%; margin-top: .8rem; font: inherit; font-weight: 600; padding: .7rem; border: 0;
  border-radius: .45rem; background: var(--go); color: #fff; cursor: pointer; }
#said { min-height: 1.5em; margin: .7rem 0 0; color: var(--bad); }
details { margin-top: .8rem; color: var(--soft); font-size: .92rem; } a { color: inherit; }
</style>
<main>
<h1>{{workshop}}</h1>
<p>Your seat is on one of several hosts.</p>
<form>
<label for="seat">Name on your card</label>
<input id="seat" autofocus autocapitalize="off" autocomplete="username" autocorrect="off" spellcheck="false" required>
<button>Go to my seat</button>
<div id="said" role="alert"></div>
</form>
<details><summary>All hosts</summary><ul>{{links}}</ul></details>
<noscript><p>This page needs JavaScript. The QR code on your card leads straight to your seat.</p></noscript>
</main>
<script>
const known = {{data}};
async function hostOf(name) {
  const bytes = new TextEncoder().encode(known.workshop + ":" + name);
  const hash = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
  const hex = hash.map(byte => byte.toString(16).padStart(2, "0")).join("");
  return known.hosts[known.seats[hex.slice(0, DIGITS)]];
}
document.querySelector("form").addEventListener("submit", async event => {
  event.preventDefault();
  const name = document.getElementById("seat").value.trim().toLowerCase();
  const host = await hostOf(name);
  if (host) location.href = host + "/hub/login#" + encodeURIComponent(name);
  else document.getElementById("said").textContent = "No seat has this name: it is the one under your own on the card.";
});
</script>
</html>
""".replace("DIGITS", str(DIGITS))
