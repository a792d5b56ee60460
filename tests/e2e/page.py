"""The pages for people, as a browser shows them."""
import os
import re
import subprocess
import tempfile

from harness.browser import OpenPage
from harness.scenario import deployed, eventually, expect, memory, scenario


def browse(it, path, *options):
    """A page as Chromium has it after loading: (document, what it complained of)."""
    with tempfile.TemporaryDirectory(dir=it.folder) as profile:
        done = subprocess.run(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--enable-logging=stderr",
             "--user-data-dir=" + profile, *options, "--dump-dom",
             "http://127.0.0.1:%d%s" % (it.controller.port, path)],
            capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
            timeout=120, env={"PATH": os.environ["PATH"], "HOME": profile})
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, complaints


@scenario("a browser must show drift with desired beside actual, without a complaint")
def page_in_browser(it):
    it.step("the instance runs", deployed())
    it.step("a limit is changed by hand",
            lambda it: it.engine.update_memory(it.service("web")["Id"], 400 << 20),
            eventually(memory("web", "256MiB"), 15))

    def overview(it):
        document, complaints = browse(it, "/")
        link = 'href="/instances/%s"' % it.name
        return expect(link in document and ">ready<" in document and not complaints,
                      "%s %s" % (document[:2000], complaints))

    def instance(it):
        document, complaints = browse(it, "/instances/" + it.name, "--window-size=390,844")
        words = re.sub("<[^>]*>", " ", document)
        row = r"%s-web-1 memory\s+256MiB\s+400MiB\s+healed" % it.name
        return expect(re.search(row, words) and "deploy " + it.name in words and not complaints,
                      "%s %s" % (words[:4000], complaints))

    def harmless(it):
        code, text = it.controller.ask("GET", "/instances/" + it.name)
        return expect(code == 200 and text.count("<script") == 1 and "http://" not in text and
                      it.controller.ask("GET", "/instances/nobody")[0] == 404, text[:500])

    def follows(it):
        """The page stays the same one, and shows what its script was told of."""
        with OpenPage(it.folder, "http://127.0.0.1:%d/instances/%s" %
                      (it.controller.port, it.name)) as page:
            page.wait("document.readyState === 'complete' && stream.readyState === 1", 15)
            page.value("window.isFirst = true")
            it.engine.update_memory(it.service("web")["Id"], 401 << 20)
            page.wait("document.body.innerText.includes('401MiB')", 20)
            return expect(page.value("window.isFirst"), "it was loaded anew")

    it.step("all instances at a glance", overview)
    it.step("one instance, on a telephone", instance)
    it.step("nothing but its own script runs in it, and nothing comes from elsewhere", harmless)
    it.step("an open page shows what happens by itself", follows)
