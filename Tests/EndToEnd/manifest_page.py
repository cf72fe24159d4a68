"""The manifest as a page, in a real browser."""

import json
import os
from pathlib import Path

from kit import LAB, Person, case, check, files, git, people, run
from kit.browser import Browser
from kit.policy import yaml

HOSTILE = [
    "<script>document.title='hacked'</script>",
    "\"><img src=x onerror=\"document.title='hacked'\"> & <b>bold</b>",
    "</title></svg><script>document.title='hacked'</script>",
    "javascript:alert(1) ' onmouseover='document.title=`hacked`",
    "Antwort auf \u202egnaw\u202c and \u0645\u0631\u062d\u0628\u0627",
    "W" + "i" * 300 + "de",
    "{{7*7}} ${7*7} <!-- --> ]]> &lt;escaped&gt; \u2028 \U0001f680",
]

POLICY = {
    "release": {"ref": "refs/heads/master", "environments": ["staging", "production"],
                "operators": {"staging": ["engineering"], "production": ["engineering"]}},
    "services": {
        "api": {"paths": ["api/**", "lib/**"], "image": "registry.wrk.example/api"},
        "worker": {"paths": ["worker/**", "lib/**"], "image": "registry.wrk.example/worker"},
        "billing": {"paths": ["billing/**"], "image": "registry.wrk.example/billing"},
    },
    "migrations": ["**/migrations/[0-9]*.py"], "config": ["deploy/**"],
    "flags": {"files": ["flags.json"], "format": "flagd"}, "tickets": "\\b[A-Z]{2,}-\\d+\\b",
    "checklist": {
        "always": ["Sign in through the identity provider", "Upload a file to object storage"],
        "changed": [{"paths": ["**/migrations/**"],
                     "text": "Migration ran on staging, row counts looked at"}]},
    "rotation": {"team": "engineering", "days": ["mon", "tue", "wed", "thu", "fri"]},
}


def flags(**states):
    return json.dumps({"flags": {name: {
        "state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": state}
        for name, state in states.items()}})


class Shop:
    """A small repository with a release behind it."""

    def __init__(self, name, policy=None):
        self.path = LAB / "cases" / f"page-{name}"
        run("git", "init", "-q", "-b", "master", self.path)
        self.clock, self.number = 1_795_000_000 - 4 * 86_400, 10
        self.base = self.commit("Begin", {
            **files(more={"policies/release.yml": yaml(policy or POLICY)}),
            "api/migrations/0041_accounts.py": "1\n", "flags.json": flags(cad="off", old="on"),
            "deploy/app.jsonnet": "{}\n"})

    def commit(self, message, contents, person=None):
        for path, text in contents.items():
            (self.path / path).parent.mkdir(parents=True, exist_ok=True)
            (self.path / path).write_text(text, encoding="utf-8")
        return self._commit(message, person or people["alice"])

    def _commit(self, message, person: Person):
        self.clock += 7200
        git(self.path, "add", "-A")
        date = f"{self.clock} +0000"
        run("git", "commit", "-q", "-m", message, cwd=self.path, env={
            "GIT_AUTHOR_NAME": person.name.capitalize(), "GIT_AUTHOR_EMAIL": person.email,
            "GIT_COMMITTER_NAME": "Carol", "GIT_COMMITTER_EMAIL": "carol@wrk.example",
            "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date})
        return git(self.path, "rev-parse", "HEAD")

    def change(self, title, contents, person="alice", body="Reviewed-by: Bob <bob@wrk.example>"):
        self.number += 1
        return self.commit(f"{title} (#{self.number})\n\n{body}", contents, people[person])

    def page(self):
        program = os.environ["GATE_PROGRAM"]
        made = run(program, "manifest", "--offline", "--environment", "production", "--from",
                   self.base, "--created", "2026-11-23T06:30:00Z", "--source-uri",
                   "https://forge.wrk.example/wrk/system", cwd=self.path)
        self.manifest = json.loads(made.text)
        (self.path.parent / f"{self.path.name}.json").write_bytes(made.out)
        page = run(program, "manifest", "show", self.path.parent / f"{self.path.name}.json",
                   "--format", "html")
        file = self.path.parent / f"{self.path.name}.html"
        file.write_bytes(page.out)
        return file


def ordinary():
    shop = Shop("ordinary")
    shop.change("Pay out in CAD", {"api/pay.py": "1\n", "flags.json": flags(cad="on", old="on"),
                                   "api/migrations/0042_payouts.py": "1\n"}, body="PAY-118\n")
    fix = shop.change("Fix sign-in behind a proxy", {"api/sign_in.py": "1\n"}, "bob",
                      "Reviewed-by: Carol <carol@wrk.example>")
    shop.change("Retry uploads three times", {"lib/upload.py": "1\n"}, "carol")
    git(shop.path, "revert", "--no-commit", fix)
    shop.number += 1
    shop._commit(f'Revert "Fix sign-in behind a proxy" (#{shop.number})\n\n'
                 f"This reverts commit {fix}.", people["bob"])
    shop.change("Invoices carry the buyer's reference", {"billing/invoice.py": "1\n"})
    shop.change("More memory for the worker", {"deploy/app.jsonnet": "{memory: 2}\n",
                                               "worker/main.py": "1\n"}, "dave")
    shop.change("Accounts: an index that was missing",
                {"api/migrations/0041_accounts.py": "2\n"}, "bob")
    return shop


def look(browser, page, name, **how):
    """Shows the page and keeps a picture for whoever wants to look."""
    browser.show(page, **how)
    folder = os.environ.get("GATE_PAGE_PICTURES")
    if folder:
        browser.screenshot(Path(folder) / f"{name}.png")
    width = browser.value("document.documentElement.scrollWidth")
    check(width <= how["width"], f"{name}: {width} px wide in a window of {how['width']}")
    check(browser.requests == [f"file://{page}"] or
          [r for r in browser.requests if not r.startswith("data:")] == [f"file://{page}"],
          f"{name} asks for {browser.requests}")


@case
def the_page_in_a_browser():
    """At 390 and 1,280 px nothing scrolls sideways, no request is made, and every title is text."""
    shop = ordinary()
    page = shop.page()
    with Browser() as browser:
        for width in (390, 1280):
            for dark in (False, True):
                look(browser, page, f"ordinary-{width}{'-dark' if dark else ''}", width=width,
                     dark=dark)
        text = browser.value("document.body.innerText")
        for change in shop.manifest["changes"]:
            check(change["title"] in text, change["title"])
        order = browser.value("[...document.querySelectorAll('h2')].map(e => e.textContent)")
        check(order[:2] == ["Warnings", "Turns on today"], str(order))
        check("cad (#11)" in text and "migration 0042_payouts" in text, text)
        check(shop.manifest["shepherd"]["principal"] in text, text)
        dimmed = browser.value("document.querySelectorAll('figure g.reverted:not(.key g)').length")
        check(dimmed >= 2, f"{dimmed} dimmed")
        look(browser, page, "ordinary-paper", width=794, paper=True)


@case
def hostile_titles():
    """No script of a title runs, none changes the page, and each is found as it was written."""
    shop = Shop("hostile")
    for number, title in enumerate(HOSTILE):
        shop.change(title, {f"api/{number}.py": "1\n", f"deploy/{title[:9].replace('/', '_')}": "1"})
    shop.commit("flags", {"flags.json": flags(**{"<img src=x onerror=alert(1)>": "on"})})
    page = shop.page()
    with Browser() as browser:
        for width in (390, 1280):
            look(browser, page, f"hostile-{width}", width=width)
            check(browser.value("document.title") ==
                  f"production: {len(HOSTILE) + 1} changes, 2026-11-23", "the title is another")
            check(browser.value("document.scripts.length + document.images.length") == 0,
                  "a script or an image came in")
            titles = browser.value(
                "[...document.querySelectorAll('.title > bdi')].map(e => e.textContent)")
            said = [c["title"] for c in shop.manifest["changes"]]
            check(titles == said, f"{titles}\n{said}")
        errors = [e for e in browser.events if e.get("method") == "Log.entryAdded"]
        check(not errors, str(errors))


@case
def a_long_range():
    """Two hundred landings and a service with a long name still fit."""
    shop = Shop("long")
    for number in range(200):
        shop.change(f"Change number {number}", {f"{['api', 'worker', 'billing'][number % 3]}/"
                                                f"{number}.py": "1\n"})
    page = shop.page()
    with Browser() as browser:
        for width in (390, 1280):
            look(browser, page, f"long-{width}", width=width)
        check(browser.value("document.querySelectorAll('.changes li').length") == 200, "changes")


TITLES = ["Pay out in CAD", "Fix sign-in behind a proxy", "Retry uploads three times",
          "Invoices carry the buyer's reference, also where the order was split over several"
          " warehouses", "Log less", "Cache the currency table", "Drop Python 3.10",
          "Show who approved an expense"]
EIGHT = ["api", "worker", "billing", "search", "notifications", "identity-provider", "web", "admin"]


@case
def a_week_of_eight_services():
    """Fifty landings that touch eight services, some of them several."""
    shop = Shop("week", {**POLICY, "services": {
        name: {"paths": [f"{name}/**", "lib/**"], "image": f"registry.wrk.example/{name}"}
        for name in EIGHT}})
    for number in range(46):
        touched = [EIGHT[number * 5 % 8]] + ([EIGHT[number * 3 % 8]] if number % 3 == 0 else [])
        edits = {f"{name}/{number}.py": "1\n" for name in touched}
        if number == 20:
            edits["lib/money.py"] = "1\n"
        if number % 15 == 7:
            edits[f"api/migrations/{50 + number:04}_more.py"] = "1\n"
        if number == 30:
            edits["flags.json"] = flags(cad="on", old="off")
        shop.change(TITLES[number % 8], edits, ["alice", "bob", "carol", "dave"][number % 4])
        if number in (9, 33):
            git(shop.path, "revert", "--no-commit", "HEAD")
            shop.number += 1
            shop._commit(f'Revert "{TITLES[number % 8]}" (#{shop.number})\n\nThis reverts commit '
                         f"{git(shop.path, 'rev-parse', 'HEAD')}.", people["bob"])
    shop.change("Search in all currencies", {"search/all.py": "1\n"})
    shop.change("A last one", {"deploy/app.jsonnet": "{memory: 4}\n"})
    page = shop.page()
    check(len(shop.manifest["changes"]) == 50, len(shop.manifest["changes"]))
    with Browser() as browser:
        for width in (390, 1280):
            look(browser, page, f"week-{width}", width=width)
        lanes = browser.value("document.querySelectorAll('figure svg > line.lane').length")
        check(lanes == 8, f"{lanes} lanes")
